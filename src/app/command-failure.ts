/** Why a run that did not bring both samples did not: how it ended, and what the host said last. */
import type { CommandResult, ConnectionFailure, OtherHostKey } from '#domain/command.ts';
import type { Feature } from '#domain/feature.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';

/** nologin(8) and false(1), and what sshd and the shells say where there is no usable shell. */
const NO_SHELL =
  /not available|nologin|no shell|\/bin\/false|Shell access|not allowed to (?:log ?in|execute)|restricted/i;
const COMMAND_NOT_FOUND = 127;

/** `seconds` and `kilobytes` are the limits the run had. */
export function commandFailure(result: CommandResult, host: Host, seconds: number, kilobytes: number): CheckFailure {
  switch (result.kind) {
    case 'exited':
    case 'signalled':
      return ended(result, where(host));
    case 'timed-out':
    case 'aborted':
    case 'too-much-output':
      return {
        kind: result.kind,
        details: { ...where(host), seconds, kilobytes, leftRunning: result.leftRunning ?? '' },
      };
    default:
      return connectionFailure(result, host);
  }
}

const NOT_SAID = { why: '', hop: '', fingerprint: '', knownAt: '', wanted: '', denied: '', at: '' };

/** What happened at a jump host is told of that one, with the `target` behind it. */
export function connectionFailure(failure: ConnectionFailure | OtherHostKey, host: Host): CheckFailure {
  const { kind, why, hop, fingerprint, knownAt, wanted, denied, at } = { ...NOT_SAID, ...failure };
  const there = host.jump.find(({ name }) => name === at);
  const reason = there === undefined ? why : why.replace(`${at}: `, '');
  const said = { why: reason.replace(/\.$/, ''), hop, fingerprint, knownAt, wanted };
  const place = there === undefined ? where(host) : { ...where(there), target: host.name };
  return { kind, details: { ...place, ...said, ...demands(host), ...(denied !== '' && { [denied]: 'yes' }) } };
}

const CERTIFICATES: readonly Feature[] = ['CertificateFile', '-cert.pub', 'ssh-agent certificate'];

/** `lacks`: what the host asks for and its transport does not have; `certificate`: which kind it logs in with; `openssh`: that it is the transport; "" = none. */
function demands({ transport, asks = [] }: Host): CheckFailure['details'] {
  const isSsh2 = transport.kind === 'ssh2';
  const certificates = asks.filter((feature) => !isSsh2 && CERTIFICATES.includes(feature));
  const lacks = asks.filter((feature) => isSsh2 && feature !== 'ProxyCommand');
  return {
    asks: asks.join(', '),
    lacks: lacks.join(', '),
    certificate: certificates.join(', '),
    openssh: isSsh2 ? '' : 'yes',
  };
}

function where({ name, address, port, user }: Host): CheckFailure['details'] {
  return { host: name, address, port, user };
}

function ended(
  result: Extract<CommandResult, { kind: 'exited' | 'signalled' }>,
  where: CheckFailure['details'],
): CheckFailure {
  const said = lastLine(result.stderr) ?? lastLine(result.stdout) ?? '';
  const status = result.kind === 'exited' ? `exit status ${result.code}` : `signal ${result.signal}`;
  const kind = result.kind === 'exited' && isWithoutShell(result.code, said) ? 'no-shell' : 'no-sample';
  return { kind, details: { ...where, said, status } };
}

function isWithoutShell(code: number, said: string): boolean {
  return code === COMMAND_NOT_FOUND || NO_SHELL.test(said) || (said === '' && code === 1);
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 200) || undefined;
}
