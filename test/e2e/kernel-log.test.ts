/** The log of a build as `kernel log -f` follows it: from a real runner, over a host that is away for a while, to the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { followLog } from '#app/follow-log.ts';
import type { RunOnHost } from '#app/ports.ts';
import type { ChangeId } from '#domain/change.ts';
import { exited, UNREACHABLE } from '../bot/command-results.ts';
import { hostNamed } from '../bot/host-named.ts';
import { ID, openBuildHost, soon, WORD } from '../kernel/build-host.ts';

it('is followed from before it begins to its last line, and each line is shown once', async () => {
  await using host = openBuildHost();
  let isAway = false;
  let [text, silences] = ['', 0];
  const run: RunOnHost = async (_, { input }) => {
    if (isAway || input.kind !== 'argv') return UNREACHABLE;
    return exited((await host.run(input.argv, input.stdin)).stdout);
  };
  host.knob('hold-unit-3', '');
  await host.build();
  const following = followLog(
    {
      id: ID as ChangeId,
      builder: hostNamed('builder-01', []),
      hostKey: null,
      follow: true,
      signal: AbortSignal.timeout(60_000),
    },
    {
      run,
      word: () => WORD,
      show: (more) => (text += more),
      pause: () => sleep(20),
      onSilence: () => silences++,
    },
  );
  await soon(() => text.match(/^ {2}CC .*$/gm)?.length === 3);
  isAway = true;
  await soon(() => silences === 1);
  host.release('hold-unit-3');
  await host.over();
  isAway = false;
  expect(await following).toEqual({ kind: 'shown' });
  expect(text).toBe(host.file('log'));
});
