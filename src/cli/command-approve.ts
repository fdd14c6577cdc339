/** `tcp-oncall approve <change>` and `approver-key`: an approval outside Slack, with a key that only this machine has. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { confirm, isCancel } from '@clack/prompts';
import { approveChange } from '#app/decide-change.ts';
import { loadChangeWords, loadFixWords } from '#catalogue.ts';
import { makeApproverKey, signApproval } from '#change/signature.ts';
import { createSigner } from '#change/witness.ts';
import { type Change, parseChangeId } from '#domain/change.ts';
import { neutralise } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

export interface ApproveOptions {
  /** The approver's Slack user id: the policy and the public key go by it. */
  readonly user: string;
  readonly key?: string;
  readonly yes?: boolean;
}

/** What the system says, without its error code and the path, which our sentence has. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z]+: /, '').replace(/, \w+ '.*'$/, '');
}

function keyFile(path: string | undefined): string {
  return path ?? join(homedir(), '.config', 'tcp-oncall', 'approver.pem');
}

export async function makeKey(options: { readonly key?: string }, settings: Settings, world: World): Promise<Status> {
  const { cli } = await loadChangeWords(settings.language, settings.overrides);
  const file = keyFile(options.key);
  const { privateKey, publicKey } = makeApproverKey();
  try {
    // A place that was named must be there: it may be misspelt.
    if (options.key === undefined) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, privateKey, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new UsageError(fill(exists ? cli.keyThere : cli.noPlace, { file, why: reasonOf(error) }));
  }
  world.stderr.write(`${fill(cli.keyMade, { file })}\n`);
  world.stdout.write(`${publicKey}\n`);
  return STATUS.nothing;
}

export async function approve(
  text: string,
  options: ApproveOptions,
  settings: Settings,
  world: World,
): Promise<Status> {
  const words = await loadChangeWords(settings.language, settings.overrides);
  const { config } = settings;
  const inventory = await settings.inventory();
  const file = keyFile(options.key);
  const privateKey = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(fill(words.cli.noKey, { file, why: reasonOf(error) }));
  });
  const signs = config.changes.audit.signers.length > 0;
  const tools = await world.openChanges(config, signs ? createSigner(privateKey).sign : undefined);
  try {
    const id = parseChangeId(text);
    const change = id && (await tools.store.changes.find(id));
    if (change === undefined) throw new UsageError(words.problems['unknown-change']);
    await showChange(change, words, settings, world);
    if (!options.yes && !(await agreed(words, world))) return STATUS.findings;
    const person = { id: options.user, userGroups: [] };
    const decision = await approveChange(
      change.id,
      {
        actor: { surface: 'slack', id: options.user },
        person,
        seen: change.hash,
        signature: signApproval(change.id, change.hash, privateKey),
      },
      {
        ...tools.store,
        queue: tools.queue,
        announce: tools.announce,
        policy: config.changes.policy,
        keys: config.changes.keys,
        groupsOf: (host) => inventory.listHosts().find(({ name }) => name === host)?.groups ?? [],
        now: () => new Date(),
      },
    );
    const { host } = change;
    if (decision.kind === 'refused')
      throw new UsageError(fill(words.problems[decision.why], { host, id: change.id, name: '', nearest: '' }));
    world.stdout.write(`${fill(words.cli.approved, { host, id: change.id })}\n`);
    return STATUS.nothing;
  } finally {
    await tools.close();
  }
}

async function showChange(change: Change, { cli }: ChangeWords, settings: Settings, world: World): Promise<void> {
  const fixes = await loadFixWords(settings.language, settings.overrides);
  const { host, plan, revertMinutes: minutes, requester, reason } = change;
  const title = fixes.get(plan.fix)?.title ?? plan.fix;
  world.stderr.write(`${fill(cli.showsPlan, { host, title, minutes, who: requester.id, reason })}\n`);
  for (const { key, from, to } of plan.steps) world.stderr.write(`${neutralise(`  ${key}: ${from} -> ${to}`)}\n`);
}

async function agreed({ cli }: ChangeWords, { stdin, stderr }: World): Promise<boolean> {
  if (!stdin.isTTY) throw new UsageError(cli.noTerminal);
  const answer = await confirm({ message: cli.confirm, initialValue: false, input: stdin, output: stderr });
  const yes = !isCancel(answer) && answer;
  if (!yes) stderr.write(`${cli.notApproved}\n`);
  return yes;
}
