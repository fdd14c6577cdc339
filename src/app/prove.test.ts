import { expect, it } from 'vitest';
import type { Change, ChangeId, End } from '#domain/change.ts';
import { UNREACHABLE } from '../../test/bot/command-results.ts';
import { BOB, changeOf, KIND, NOW, onTrial, takingBack } from '../../test/bot/example-change.ts';
import { hostNamed } from '../../test/bot/host-named.ts';
import { type ProveTools, prove } from './prove.ts';

const ended = (end: End) => ({ kind: 'ended', at: NOW, end }) as const;
const KEPT = ended({ how: 'done', by: BOB, remarks: [] });
const kept = changeOf({ id: 'kkkkkkkk' as ChangeId, state: KEPT });
const denied = ended({ how: 'denied', by: BOB, reason: '' });
const taker = (state: Change['state']) => takingBack({ reverts: kept.id, state });

/** How often the host was measured, and the proofs that came of it, of the first of these. */
async function proved(there: readonly Change[], meanwhile: readonly Change[] = there) {
  let [changes, measured] = [there, 0];
  const written: Change[] = [];
  await prove(
    there[0]?.id as ChangeId,
    {
      changes: {
        find: async (id: ChangeId) => there.find((each) => each.id === id),
        takerOf: async (id: ChangeId) => changes.find(({ reverts }) => reverts === id),
        commit: async (_: Change, after: Change) => {
          written.push(after);
          return 'done';
        },
      },
      kinds: new Map([['sysctl', KIND]]),
      announce: async () => {},
      findHost: async (name: string) => hostNamed(name, []),
      now: () => NOW,
      checking: {
        async run() {
          measured++;
          changes = meanwhile;
          return UNREACHABLE;
        },
        sources: [],
        boundary: () => 'boundary',
      },
    } as unknown as ProveTools,
  );
  return { measured, proofs: written.flatMap(({ proofs }) => proofs.length) };
}

it('is of what is on trial or kept, and of nothing that was taken back', async () => {
  for (const there of [[onTrial()], [kept], [kept, taker(denied)]])
    expect(await proved(there)).toEqual({ measured: 1, proofs: [1] });
  for (const there of [[kept, taker(KEPT)], [changeOf()], [changeOf({ state: denied })], [taker(KEPT)]])
    expect(await proved(there)).toEqual({ measured: 0, proofs: [] });
});

it('is none where what was kept is taken back while it is measured', async () => {
  expect(await proved([kept], [taker(KEPT), kept])).toEqual({ measured: 1, proofs: [] });
});
