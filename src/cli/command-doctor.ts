/** `tcp-oncall doctor`: everything the bot needs, one line each, with the remedy. */
import { type Access, testHost } from '#app/test-host.ts';
import { ruleFor } from '#change/policy.ts';
import type { Finding } from '#doctor/finding.ts';
import { RISKS } from '#domain/plan.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import { neutralJson } from '#render/neutral.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { unreadySentence } from '#render/unready-sentence.ts';
import { fill, type Words, wordFailure } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { unreadFindings } from './unread-variables.ts';
import type { World } from './world.ts';

/** Logins at once. */
const AT_ONCE = 8;

export async function doctor({ options: { json }, session }: Call<{ readonly json?: boolean }>): Promise<Status> {
  const words = await session.words();
  const found: Finding[] = [];
  const add = (finding: Finding) => {
    found.push(finding);
    if (!json) session.stdout.write(`${wordLine(finding, words, session)}\n`);
  };
  add({ subject: 'configuration', kind: 'fine', details: { file: session.config.file ?? '' } });
  for (const finding of await session.examine(session.config)) add(finding);
  await examineHosts(session, words, add);
  if (json)
    session.stdout.write(`${neutralJson(found.map((finding) => ({ ...finding, ...wordFinding(finding, words) })))}\n`);
  else session.stdout.write(`${summary(found, words)}\n`);
  if (session.signal.aborted) return STATUS.interrupted;
  return found.some(({ kind }) => kind === 'broken') ? STATUS.findings : STATUS.nothing;
}

/** In the order of the inventory, each as soon as it and those before it are known. */
async function examineHosts(session: Session, words: Words, add: (finding: Finding) => void): Promise<void> {
  const inventory = await session.inventory();
  unreadFindings(inventory).forEach(add);
  const names = inventory.listHosts().map(({ name }) => name);
  await using pool = await session.openPool(session.config);
  const tools = { run: pool.run, sources: await session.sources(), now: () => new Date() };

  const change = await session.changeWords();
  const { policy } = session.config.changes;

  async function examine(name: string): Promise<readonly Finding[]> {
    const found = await inventory.findHost(name);
    if (found.kind !== 'host')
      return [broken(name, { message: found.kind === 'invalid' ? found.message : name, next: '' })];
    const outcome = await testHost({ host: found.host, signal: session.signal }, tools);
    if (outcome.kind === 'failed') return [broken(name, wordFailure(words, outcome.failure))];
    const mayChange = RISKS.some(
      (risk) => ruleFor(policy, { groups: found.host.groups, risk, kind: KNOWN_KINDS[0].name }) !== undefined,
    );
    return [loginFinding(name, outcome), ...(mayChange ? [changesFinding(name, outcome, change)] : [])];
  }

  for (let at = 0; at < names.length && !session.signal.aborted; at += AT_ONCE)
    for (const finding of (await Promise.all(names.slice(at, at + AT_ONCE).map(examine))).flat()) add(finding);
}

function loginFinding(host: string, access: Access): Finding {
  const { user, kernel } = access;
  return { subject: 'host', kind: 'fine', details: { host, user, kernel, hidden: hiddenFrom(access) } };
}

/** Of a host that the policy lets somebody change. */
function changesFinding(host: string, { helper, unready }: Access, change: ChangeWords): Finding {
  if (unready !== null) {
    const worded = { message: unreadySentence(unready, host, change), next: '' };
    return { subject: 'changes', kind: 'broken', details: { host }, worded };
  }
  if (helper.kind !== 'read' || helper.value.kind !== 'runs')
    return { subject: 'changes', kind: 'unchecked', details: { host } };
  return { subject: 'changes', kind: 'fine', details: { host, version: helper.value.version } };
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
