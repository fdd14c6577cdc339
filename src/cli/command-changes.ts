/** `tcp-oncall changes`: what was changed, and by whom. */
import type { Changes } from '#app/change-ports.ts';
import { listChanges as listUnderWay } from '#app/list-changes.ts';
import { kindOf } from '#app/transition.ts';
import type { Kinds } from '#change/kind.ts';
import { type Change, type ChangeId, parseChangeId } from '#domain/change.ts';
import { progressText, stageSentence } from '#render/kind-card.ts';
import { lockText } from '#render/lock-text.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';

const MOST = 50;

export async function listChanges({ given: [typed], options, session }: Call<{ json?: boolean }>): Promise<Status> {
  const { language, overrides } = session;
  const [kinds, cards] = [await session.kinds.kinds(), await session.kinds.cards(language, overrides)];
  const words = await session.changeWords();
  const { cli, status } = words;
  await using tools = await session.openChanges(session.config);
  const { changes } = tools.store;
  const found = await findChanges(typed, changes, session);
  // Throws where no host has that name.
  if (typed !== undefined && found.length === 0) await findTarget(typed, session);
  const { locks, freezes } = await listUnderWay(tools.store);
  const progress = await progressOf(found, changes);
  if (options.json) {
    const document = { schema: 'tcp-oncall.changes/2', changes: found, progress, locks, freezes };
    session.stdout.write(`${neutralJson(document)}\n`);
    return STATUS.nothing;
  }
  const locked = (change: Change) => {
    const lock = locks.find((each) => each.change === change.id);
    return lock === undefined ? '' : lockText(change, lock, new Date(), status.lock);
  };
  const rows = found.map((change) => [
    ...about(change, kinds),
    `${stageSentence(change, cards, words)}${locked(change)}`,
  ]);
  const lines = [
    ...(found.length === 0 ? [cli.noChanges] : tableLines(rows, screenOf(session.stdout, session.env).width)),
    ...found.flatMap((change) => {
      const text = progressText(change, progress[change.id] ?? '', cards, words);
      return text === '' ? [] : [`${change.id}  ${text}`];
    }),
    ...(freezes.length === 0 ? [] : [fill(status.frozen, { groups: freezes.map(({ group }) => group).join(', ') })]),
  ];
  for (const line of lines) session.stdout.write(`${neutralise(line)}\n`);
  return STATUS.nothing;
}

/** The one with that id, those of one host, or all. */
async function findChanges(typed: string | undefined, changes: Changes, session: Session): Promise<readonly Change[]> {
  if (typed === undefined) return changes.recent(MOST);
  const host = (await session.inventory()).recognise(typed);
  const id = host === undefined ? parseChangeId(typed) : undefined;
  const change = id && (await changes.find(id));
  // A host that is in the inventory no longer has its changes still.
  return change === undefined ? changes.ofHost(host ?? typed, MOST) : [change];
}

type Progress = Readonly<Record<ChangeId, string>>;

/** Of those whose host has said something of its work. */
async function progressOf(found: readonly Change[], changes: Changes): Promise<Progress> {
  const lines = await Promise.all(found.map(async (each) => [each.id, (await changes.progressOf(each)).line] as const));
  return Object.fromEntries(lines.filter(([, line]) => line !== ''));
}

/** Also of a change that a later release, or Redis, has no words for. */
function about(change: Change, kinds: Kinds): readonly string[] {
  const { id, proposedAt, plan, requester } = change;
  return [proposedAt.toISOString().slice(0, 16), id, kindOf(change, kinds).title(plan), requester.id];
}
