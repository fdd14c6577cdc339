/** `tcp-oncall hosts trust <host>`: shows what would be added to known_hosts, and adds it when a person agrees. */

import { connectionFailure } from '#app/command-failure.ts';
import type { OfferedHostKey } from '#app/ports.ts';
import { acceptHostKeys, proposeHostKeys, type TrustProposal } from '#app/trust-host-keys.ts';
import { loadWords } from '#catalogue.ts';
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import { neutralise } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill, type Words, wordFailure } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { sayError } from './complain.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Settings } from './settings.ts';
import { findHop } from './target.ts';
import type { World } from './world.ts';

export async function trust(name: string, yes: boolean, settings: Settings, world: World): Promise<Status> {
  const host = await findHop(name, settings);
  const words = await loadWords(settings.language, settings.overrides);
  const pool = await world.openPool(settings.config);
  try {
    const proposal = await proposeHostKeys(host, pool.scanHostKeys);
    if (proposal.kind === 'failed' || proposal.kind === 'conflict')
      return refuse(failureOf(proposal, host), words, world);
    show(host, proposal, words, world);
    if (proposal.kind === 'nothing-to-add') return STATUS.nothing;
    return await add(proposal.additions, yes, words, settings, world);
  } finally {
    await pool.close();
  }
}

function failureOf(proposal: Extract<TrustProposal, { kind: 'failed' | 'conflict' }>, host: Host): CheckFailure {
  if (proposal.kind === 'failed') return connectionFailure(proposal.failure, host);
  const { key, standing, knownAt } = proposal;
  return connectionFailure(
    { kind: `host-key-${standing}`, hop: host.name, fingerprint: key.fingerprint, knownAt },
    host,
  );
}

function refuse(failure: CheckFailure, words: Words, world: World): Status {
  sayError({ error: failure.kind, ...wordFailure(words, failure) }, false, world);
  return STATUS.unchecked;
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
  settings: Settings,
  world: World,
): Promise<Status> {
  const [file] = settings.config.ssh.knownHosts;
  if (file === undefined)
    throw new UsageError('No known_hosts file is configured: name one under ssh.knownHosts in tcp-oncall.yaml.');
  if (!yes && !(world.stdin.isTTY && world.stdout.isTTY)) throw new UsageError(words.noTerminal);
  if (!yes && !(await confirmed(fill(words.confirm, { file })))) {
    world.stdout.write(`${words.notAdded}\n`);
    return STATUS.usage;
  }
  const outcome = await acceptHostKeys(keys, await world.addKnownHosts(file));
  if (outcome.kind === 'not-written') throw new UsageError(`${words.notAdded} ${outcome.why}.`);
  world.stdout.write(`${fill(words.added, { file })}\n`);
  return STATUS.nothing;
}

async function confirmed(message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts');
  return (await confirm({ message, initialValue: false })) === true;
}
