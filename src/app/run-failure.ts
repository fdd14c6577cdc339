/** Why a run that did not bring both samples did not: how it ended, and what the host said last. */
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import type { RunResult } from '#domain/run.ts';

/** nologin(8) and false(1), and what sshd and the shells say where there is no usable shell. */
const NO_SHELL =
  /not available|nologin|no shell|\/bin\/false|Shell access|not allowed to (?:log ?in|execute)|restricted/i;
const COMMAND_NOT_FOUND = 127;

/** `seconds` and `kilobytes` are the limits the run had. */
export function runFailure(result: RunResult, host: Host, seconds: number, kilobytes: number): CheckFailure {
  const where = { host: host.name, address: host.address, port: host.port, user: host.user };
  if (result.kind === 'exited' || result.kind === 'signalled') return ended(result, where);
  const { why, hop, fingerprint, knownAt } = { why: '', hop: '', fingerprint: '', knownAt: '', ...result };
  return {
    kind: result.kind,
    details: { ...where, seconds, kilobytes, why: withoutStop(why), hop, fingerprint, knownAt },
  };
}

function ended(
  result: Extract<RunResult, { kind: 'exited' | 'signalled' }>,
  where: CheckFailure['details'],
): CheckFailure {
  const last = lastLine(result.stderr) ?? lastLine(result.stdout);
  const status = result.kind === 'exited' ? `exit status ${result.code}` : `signal ${result.signal}`;
  const said = last === undefined ? `${status}, without a word.` : `"${last}" (${status}).`;
  const noShell =
    result.kind === 'exited' &&
    (result.code === COMMAND_NOT_FOUND || NO_SHELL.test(last ?? '') || (last === undefined && result.code === 1));
  return { kind: noShell ? 'no-shell' : 'no-sample', details: { ...where, said } };
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) || undefined;
}

function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
