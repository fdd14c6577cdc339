/** `tcp-oncall doctor`: everything the bot needs, one line each, with the remedy. */
import { type Access, testHost } from '#app/test-host.ts';
import { loadWords } from '#catalogue.ts';
import type { Finding } from '#doctor/finding.ts';
import type { Host } from '#domain/host.ts';
import { neutralJson } from '#render/neutral.ts';
import { fill, type Words, wordFailure } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { boundary } from './boundary.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Settings } from './settings.ts';
import type { World } from './world.ts';

/** Logins at once. */
const AT_ONCE = 8;

export interface DoctorOptions {
  readonly json?: boolean;
}

export async function doctor({ json = false }: DoctorOptions, settings: Settings, world: World): Promise<Status> {
  const words = await loadWords(settings.language, settings.overrides);
  const configuration: Finding = {
    subject: 'configuration',
    kind: 'fine',
    details: { file: settings.config.file ?? '' },
  };
  const show = json ? () => {} : (finding: Finding) => world.stdout.write(`${wordLine(finding, words, world)}\n`);
  const found: Finding[] = [];
  const add = (finding: Finding) => {
    found.push(finding);
    show(finding);
  };
  add(configuration);
  for (const finding of await world.examine(settings.config)) add(finding);
  await examineHosts(settings, words, world, add);
  if (json)
    world.stdout.write(`${neutralJson(found.map((finding) => ({ ...finding, ...wordFinding(finding, words) })))}\n`);
  else world.stdout.write(`${summary(found, words)}\n`);
  if (world.signal.aborted) return STATUS.interrupted;
  return found.some(({ kind }) => kind === 'broken') ? STATUS.findings : STATUS.nothing;
}

/** In the order of the inventory, each as soon as it and those before it are known. */
async function examineHosts(
  settings: Settings,
  words: Words,
  world: World,
  add: (finding: Finding) => void,
): Promise<void> {
  const inventory = await settings.inventory();
  const names = inventory.listHosts().map(({ name }) => name);
  const pool = await world.openPool(settings.config);
  const tools = { run: pool.run, sources: await world.sources(), now: () => new Date(), boundary };

  async function examine(name: string): Promise<Finding> {
    const found = await inventory.findHost(name);
    if (found.kind !== 'host')
      return broken(name, { message: found.kind === 'invalid' ? found.message : name, next: '' });
    return examineHost(found.host, words, (host) => testHost({ host, signal: world.signal }, tools));
  }

  try {
    for (let at = 0; at < names.length && !world.signal.aborted; at += AT_ONCE) {
      for (const finding of await Promise.all(names.slice(at, at + AT_ONCE).map(examine))) add(finding);
    }
  } finally {
    await pool.close();
  }
}

async function examineHost(
  host: Host,
  words: Words,
  test: (host: Host) => ReturnType<typeof testHost>,
): Promise<Finding> {
  const outcome = await test(host);
  if (outcome.kind === 'failed') return broken(host.name, wordFailure(words, outcome.failure));
  const hidden = hiddenFrom(outcome);
  return {
    subject: 'host',
    kind: 'fine',
    details: { host: host.name, user: outcome.user, kernel: outcome.kernel, hidden },
  };
}

/** What the account may not see: no fault, but the person should know. */
function hiddenFrom({ unreadable, processes }: Access): string {
  const sources = unreadable.filter(({ reason }) => reason.code === 'no-permission').map(({ source }) => source);
  return [...sources, ...(processes === 'own' ? ['processes'] : [])].join(', ');
}

function broken(host: string, worded: { readonly message: string; readonly next: string }): Finding {
  return { subject: 'host', kind: 'broken', details: { host }, worded };
}

function wordFinding(
  { subject, kind, details, worded }: Finding,
  { doctor: words }: Words,
): { readonly message: string; readonly next: string } {
  if (worded !== undefined) return worded;
  const { message, next } = words[subject][kind] ?? { message: subject, next: '' };
  return { message: fill(message, details), next: next === '' ? '' : fill(next, details) };
}

function wordLine(finding: Finding, words: Words, { stdout, env }: World): string {
  const { message, next } = wordFinding(finding, words);
  const { width } = screenOf(stdout, env);
  const lines = [`${words.doctor.marks[finding.kind]}  ${message}`, ...(next === '' ? [] : [`      -> ${next}`])];
  return lines.map((line) => wrapLines(line, width)).join('\n');
}

function summary(found: readonly Finding[], { doctor: words }: Words): string {
  const count = (kind: Finding['kind']) => found.filter((finding) => finding.kind === kind).length;
  return `\n${fill(words.summary, { fine: count('fine'), broken: count('broken'), unchecked: count('unchecked') })}`;
}
