/** `tcp-oncall hosts trust <host>`: shows what would be added to known_hosts, and adds it when a person agrees. */
import { connectionFailure } from '#app/command-failure.ts';
import type { OfferedHostKey } from '#app/ports.ts';
import { acceptHostKeys, proposeHostKeys, type TrustProposal } from '#app/trust-host-keys.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import { neutralise } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill, type Words } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { findHop } from './target.ts';
import type { World } from './world.ts';

interface TrustOptions {
  readonly yes?: boolean;
}

export async function trust({
  given: [name = ''],
  options: { yes = false },
  session,
}: Call<TrustOptions>): Promise<Status> {
  const host = await findHop(name, session);
  const words = await session.words();
  await using pool = await session.openPool(session.config);
  const proposal = await proposeHostKeys(host, pool.scanHostKeys);
  if (proposal.kind === 'failed' || proposal.kind === 'conflict')
    return sayFailure(failureOf(proposal, host), words, false, session);
  show(host, proposal, words, session);
  if (proposal.kind === 'nothing-to-add') return STATUS.nothing;
  return await add(proposal.additions, yes, words, session);
}

function failureOf(proposal: Extract<TrustProposal, { kind: 'failed' | 'conflict' }>, host: Host): CheckFailure {
  if (proposal.kind === 'failed') return connectionFailure(proposal.failure, host);
  const { key, standing, knownAt } = proposal;
  const failure = { hop: host.name, fingerprint: key.fingerprint, knownAt };
  return connectionFailure({ kind: `host-key-${standing}`, ...failure }, host);
}

/** Never wrapped: it is there to be pasted. */
const PRINT_FINGERPRINTS = 'for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done';

type Shown = Extract<TrustProposal, { kind: 'proposal' | 'nothing-to-add' }>;

function show({ name, address, port }: Host, proposal: Shown, { trust: words }: Words, { stdout, env }: World): void {
  const additions = proposal.kind === 'proposal' ? proposal.additions : [];
  const row = (standing: string) => (key: OfferedHostKey) => [neutralise(key.type), key.fingerprint, standing];
  const { width } = screenOf(stdout, env);
  const table = tableLines(
    [...additions.map(row(words.unknown)), ...proposal.known.map(row(words.trusted))],
    Number.POSITIVE_INFINITY,
  ).map((line) => `  ${line}`);
  const last =
    additions.length > 0
      ? [wrapLines(words.compare, width), `  ${PRINT_FINGERPRINTS}`]
      : [wrapLines(words.nothingNew, width)];
  stdout.write(
    `${[wrapLines(fill(words.offers, { host: name, address, port }), width), ...table, ...last].join('\n')}\n`,
  );
}

async function add(
  keys: readonly OfferedHostKey[],
  yes: boolean,
  { trust: words }: Words,
  session: Session,
): Promise<Status> {
  const [file] = session.config.ssh.knownHosts;
  if (file === undefined)
    throw new UsageError('No known_hosts file is configured: name one under ssh.knownHosts in tcp-oncall.yaml.');
  if (!yes && !(session.stdin.isTTY && session.stdout.isTTY)) throw new UsageError(words.noTerminal);
  if (!yes && !(await confirmed(fill(words.confirm, { file })))) {
    session.stdout.write(`${words.notAdded}\n`);
    return STATUS.usage;
  }
  const outcome = await acceptHostKeys(keys, await session.addKnownHosts(file));
  if (outcome.kind === 'not-written') throw new UsageError(`${words.notAdded} ${outcome.why}.`);
  session.stdout.write(`${fill(words.added, { file })}\n`);
  return STATUS.nothing;
}

async function confirmed(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return (await confirm({ message, initialValue: false })) === true;
}
