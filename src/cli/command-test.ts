/** `tcp-oncall hosts test <host>`: whether the login works, and what the account can see there. */
import { type Access, testHost } from '#app/test-host.ts';
import type { Host } from '#domain/host.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { fill, type Words } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import { findTarget } from './target.ts';
import { warnOfUnread } from './unread-variables.ts';

export async function test({ given: [name = ''], session }: Call): Promise<Status> {
  await warnOfUnread(session);
  const host = await findTarget(name, session);
  const [words, change] = await Promise.all([session.words(), session.changeWords()]);
  await using pool = await session.openPool(session.config);
  const tools = { run: pool.run, sources: await session.sources(), now: () => new Date() };
  const outcome = await testHost({ host, signal: session.signal }, tools);
  if (outcome.kind === 'failed') return sayFailure(outcome.failure, words, false, session);
  const method = await pool.loginMethod(host);
  const text = [...describe(host, outcome, method, words), ...readiness(host.name, outcome, words, change)].join('\n');
  session.stdout.write(`${wrapLines(text, screenOf(session.stdout, session.env).width)}\n`);
  return STATUS.nothing;
}

function describe(host: Host, access: Access, method: string | null, words: Words): readonly string[] {
  const { name, address, port, user: account } = host;
  const { readable, unreadable, user, kernel, distribution, processes } = access;
  const counts = { readable: readable.length, asked: readable.length + unreadable.length };
  const hidden = unreadable.map(
    ({ source, reason }) => `  - ${source}: ${fill(words.reasons[reason.code].sentence, { what: reason.what })}`,
  );
  return [
    fill(words.access.loggedIn, { host: name, address, port, user, kernel, distribution }),
    fill(words.access.transport, transportDetails(host, method)),
    ...(hidden.length === 0 ? [] : [fill(words.access.most, counts), ...hidden]),
    ...(processes === 'own' ? [fill(words.access.ownProcesses, { user })] : []),
    ...(processes === 'own' || hidden.length > 0 ? advice(access, account, words) : [words.access.all]),
  ];
}

/** `asks`: why it is not ssh2. */
function transportDetails({ transport: { kind }, asks = [] }: Host, method: string | null) {
  return { transport: kind, asks: kind === 'ssh2' ? '' : asks.join(', '), method };
}

/** Any other would need sudo's quoting. */
const PLAIN_ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** Whether changes can be made there; nothing when that could not be looked at, which is said among the sources. */
function readiness(
  host: string,
  { helper, unready }: Access,
  { access }: Words,
  change: ChangeWords,
): readonly string[] {
  if (unready !== null) return [unreadySentence(unready, host, change)];
  if (helper.kind !== 'read' || helper.value.kind !== 'runs') return [];
  return [fill(access.changes, { version: helper.value.version })];
}

/** The lines that would let the account see the rest, where permission is what it lacks. */
function advice({ unreadable, processes }: Access, account: string, { reasons }: Words): readonly string[] {
  const lacksPermission = processes === 'own' || unreadable.some(({ reason }) => reason.code === 'no-permission');
  const { next, command } = reasons['no-permission'];
  const lines = command?.split('\n') ?? [];
  const named = (text: string) => (PLAIN_ACCOUNT.test(account) ? text.replaceAll('ACCOUNT', account) : text);
  return lacksPermission ? [`  -> ${next}`, ...lines.map((line) => `       ${line}`)].map(named) : [];
}
