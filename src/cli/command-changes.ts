/** `tcp-oncall changes`: what was changed, and by whom. */
import { listChanges as listUnderWay } from '#app/list-changes.ts';
import { kindOf } from '#app/transition.ts';
import { loadChangeWords } from '#catalogue.ts';
import type { Kinds } from '#change/kind.ts';
import type { Change } from '#domain/change.ts';
import { stageSentence } from '#render/kind-card.ts';
import { lockText } from '#render/lock-text.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';

const MOST = 50;

export async function listChanges({ given: [typed], options, session }: Call<{ json?: boolean }>): Promise<Status> {
  const { language, overrides } = session;
  const [kinds, cards] = [await session.kinds.kinds(), await session.kinds.cards(language, overrides)];
  const words = await loadChangeWords(language, overrides);
  const { cli, status } = words;
  // A host that is in the inventory no longer has its changes still.
  const host = typed === undefined ? undefined : ((await session.inventory()).recognise(typed) ?? typed);
  await using tools = await session.openChanges(session.config);
  const { changes } = tools.store;
  const found = await (host === undefined ? changes.recent(MOST) : changes.ofHost(host, MOST));
  const { locks, freezes } = await listUnderWay(tools.store);
  if (options.json) {
    const document = { schema: 'tcp-oncall.changes/2', changes: found, locks, freezes };
    session.stdout.write(`${neutralJson(document)}\n`);
    return STATUS.nothing;
  }
  const rows = found.map((change) => [...about(change, kinds), stageSentence(change, cards, words)]);
  const lines = [
    ...(found.length === 0 ? [cli.noChanges] : tableLines(rows, screenOf(session.stdout, session.env).width)),
    ...locks.map((lock) => `${lock.change}${lockText(lock, new Date(), status.lock)}`),
    ...(freezes.length === 0 ? [] : [fill(status.frozen, { groups: freezes.map(({ group }) => group).join(', ') })]),
  ];
  for (const line of lines) session.stdout.write(`${neutralise(line)}\n`);
  return STATUS.nothing;
}

/** Also of a change that a later release, or Redis, has no words for. */
function about(change: Change, kinds: Kinds): readonly string[] {
  const { id, proposedAt, plan, requester } = change;
  return [proposedAt.toISOString().slice(0, 16), id, kindOf(change, kinds).title(plan), requester.id];
}
