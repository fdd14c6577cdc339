/** The change helper is killed at any of its steps: what it says is true, and the values go back. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL } from '#domain/helper-state.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { WORD } from '#lab/helper-on-host.ts';
import { helperOrder, type OrderStep } from '#lab/helper-order.ts';
import { FIN, newId, SOON, SYN, useHelperBox } from './helper-box.ts';

/** A kill at each step of a helper, and the helper anew each time: tens of starts, on a machine that may be busy. */
const LONG_MS = 480_000;
const BACK: OrderStep = { ...SYN, from: '5', to: '6' };

const box = useHelperBox();
beforeAll(makeVictim);

const TOOLS = [
  'awk',
  'cat',
  'cut',
  'date',
  'dd',
  'flock',
  'grep',
  'head',
  'id',
  'ls',
  'mkdir',
  'mv',
  'readlink',
  'rm',
  'sed',
  'setsid',
  'sort',
  'sync',
  'tail',
];

const TOOLS_OF_VICTIM = '/run/tools';
const VICTIM = '/run/victim';

/**
 * The n-th program that the victim starts kills it before it does anything itself.
 *
 * Programs of one pipeline start at the same moment: each adds a line of its own, so that none is lost in counting.
 */
const TOOL = `#!/bin/sh
started=0
echo >>/tmp/started
while read -r _; do started=$((started + 1)); done </tmp/started
read -r last </tmp/last
[ $started -lt $last ] || kill -9 0
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec "\${0##*/}" "$@"
`;

/** The helper, but for where it finds its tools; those of the timers and of the next helper are the real ones. */
async function makeVictim(): Promise<void> {
  await box.run(`mkdir ${TOOLS_OF_VICTIM}; cat >${TOOLS_OF_VICTIM}/tool <<'END'\n${TOOL}END
chmod 755 ${TOOLS_OF_VICTIM}/tool; for tool in ${TOOLS.join(' ')}; do ln ${TOOLS_OF_VICTIM}/tool ${TOOLS_OF_VICTIM}/$tool; done
sed 's#^PATH=#PATH=${TOOLS_OF_VICTIM}:#' ${HELPER_PATH} >${VICTIM}; chmod 755 ${VICTIM}`);
}

/** Runs it in a session of its own; false when it got to its end before its n-th program. */
async function dies(nth: number, words: string, stdin = ''): Promise<boolean> {
  const { status } = await box.run(
    `: >/tmp/started; echo ${nth} >/tmp/last; printf '%s' '${stdin}' >/tmp/stdin; setsid -w ${VICTIM} ${PROTOCOL} ${WORD} ${words} </tmp/stdin >/dev/null 2>&1`,
  );
  return status === 137;
}

/** One scene for each step at which it may be killed. */
async function atEveryStep(
  scene: (kill: (words: string, stdin?: string) => Promise<boolean>) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    let killed = false;
    await scene(async (words, stdin) => {
      killed = await dies(nth, words, stdin);
      return killed;
    });
    await box.afresh();
    if (!killed) return nth - 1;
  }
}

describe('killed at any step', () => {
  it(
    'of apply: it was not begun, or is undone',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        const id = newId();
        await kill(`apply ${id}`, helperOrder('apply', id, [SYN, FIN]));
        const { state, detail } = await box.helper(`status ${id}`);
        const on = state === 'on-trial';
        expect([on, 'none', 'reverted']).toContain(on || state);
        expect([await box.live(SYN.key), await box.live(FIN.key)]).toEqual(on ? ['5', '20'] : ['6', '60']);
        if (state === 'reverted') expect(detail).toBe('interrupted');
      });
      expect(steps).toBeGreaterThan(10);
    },
    LONG_MS,
  );

  it(
    'of keep: it is on trial or kept, and the file says the same',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        const id = newId();
        await box.apply(id, [SYN]);
        await kill(`keep ${id}`, helperOrder('keep', id, [SYN]));
        const { state } = await box.helper(`status ${id}`);
        expect(['on-trial', 'kept']).toContain(state);
        expect(await box.synNow()).toEqual({
          live: '5',
          file: state === 'kept' ? [`${SYN.key} = 5`] : [],
        });
      });
      expect(steps).toBeGreaterThan(5);
    },
    LONG_MS,
  );

  it(
    'of revert of what was kept: it is kept, or reverted with its line',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        const id = newId();
        await box.apply(id, [SYN]);
        await box.keep(id);
        await kill(`revert ${id}`);
        const { state } = await box.helper(`status ${id}`);
        expect(['kept', 'reverted']).toContain(state);
        const kept = { live: '5', file: [`${SYN.key} = 5`] };
        expect(await box.synNow()).toEqual(state === 'kept' ? kept : { live: '6', file: [] });
      });
      expect(steps).toBeGreaterThan(5);
    },
    LONG_MS,
  );

  it(
    'of revert under a newer change: that one has everything, and goes back to the value before both',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        const [older, id] = [newId(), newId()];
        await box.apply(older, [SYN]);
        await box.keep(older);
        await box.apply(id, [BACK]);
        await box.keep(id);
        await kill(`revert ${older}`);
        const { state } = await box.helper(`status ${older}`);
        expect(await box.synNow()).toEqual({ live: '6', file: [`${SYN.key} = 6`] });
        await box.helper(`revert ${id}`);
        const back = { live: '6', file: [] };
        expect(await box.synNow()).toEqual(state === 'kept' ? { live: '5', file: [`${SYN.key} = 5`] } : back);
      });
      expect(steps).toBeGreaterThan(5);
    },
    LONG_MS,
  );

  it('before a trial was ended: its timer ends it, and nobody needs to ask', async () => {
    const id = newId();
    await box.apply(id, [SYN]);
    expect(await dies(4, `revert ${id}`)).toBe(true);
    await box.hurry(id);
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
    expect(await box.live(SYN.key)).toBe('6');
  });
});
