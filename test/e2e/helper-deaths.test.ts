/** The change helper is killed, has no room, or has a caller that does not read: the values go back, and what it says is true. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HELPER_PATH, stepsText } from '#host/change-helper.ts';
import { type BoxStep, CONF, type HelperBox, openHelperBox, STATE, WORD } from './helper-box.ts';

const SYN: BoxStep = { key: 'net.ipv4.tcp_syn_retries', from: '6', to: '5' };
const BACK: BoxStep = { ...SYN, from: '5', to: '6' };
const FIN: BoxStep = { key: 'net.ipv4.tcp_fin_timeout', from: '60', to: '20' };
/** A kill at each step of a helper, and the helper anew each time: tens of starts, on a machine that may be busy. */
const LONG_MS = 480_000;
const SOON = { interval: 100 };
const TIMER = 'internal wait';

let box: HelperBox;
beforeAll(async () => {
  box = await openHelperBox();
  await afresh();
});
afterAll(() => box[Symbol.asyncDispose]());

let serial = 0;
let id = '';
const fresh = () => {
  serial += 1;
  id = `d${serial}`;
  return id;
};

afterEach(afresh);
async function afresh(): Promise<void> {
  await box.run(
    `umount -l ${STATE} 2>/dev/null; rm -rf ${STATE} ${CONF} /tmp/*; find /usr/local/sbin -type f ! -name tcp-oncall-helper -delete`,
  );
  for (const { key, from } of [SYN, FIN]) await box.write(key, from);
}

const stateOf = async (change: string) => (await box.run(`head -n 1 ${STATE}/changes/${change}/state`)).stdout.trim();
/** The trial is over now, as far as the host knows. */
const hurry = (change: string) => box.run(`echo 1 >/tmp/sooner; cat /tmp/sooner >${STATE}/changes/${change}/due`);
const ofHelper = async () => ({ live: await box.live(SYN.key), file: await box.file() });

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

/**
 * The n-th program that the helper starts kills the helper before it does anything itself.
 *
 * Programs of one pipeline start at the same moment: each adds a line of its own, so that none is lost in counting.
 */
async function armDeath(nth: number): Promise<void> {
  const wrapper = `#!/bin/sh
read -r _ _ _ _ group _ </proc/self/stat
victim= started=0
[ ! -e /tmp/victim ] || read -r victim </tmp/victim
if [ "$victim" = "$group" ]; then
  echo >>/tmp/started
  while read -r _; do started=$((started + 1)); done </tmp/started
  [ $started -lt ${nth} ] || { : >/tmp/victim; kill -9 0; }
fi
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec "\${0##*/}" "$@"
`;
  await box.run(`: >/tmp/started; cat >/usr/local/sbin/.tool <<'END'\n${wrapper}END
chmod 755 /usr/local/sbin/.tool; for tool in ${TOOLS.join(' ')}; do ln -f /usr/local/sbin/.tool /usr/local/sbin/$tool; done`);
}

/** Runs it in a session of its own; false when it got to its end before it was killed. */
async function dies(words: string, stdin = ''): Promise<boolean> {
  const { status } = await box.run(
    `printf '%s' '${stdin}' >/tmp/stdin; setsid -w sh -c 'echo $$ >/tmp/victim; exec ${HELPER_PATH} 1 ${WORD} ${words} </tmp/stdin >/dev/null 2>&1'`,
  );
  await box.run('rm -f /tmp/victim');
  return status === 137;
}

/** One scene for each step at which it may be killed. */
async function atEveryStep(
  scene: (kill: (words: string, stdin?: string) => Promise<boolean>) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    let killed = false;
    await scene(async (words, stdin) => {
      await armDeath(nth);
      killed = await dies(words, stdin);
      await box.run('find /usr/local/sbin ! -type d ! -name tcp-oncall-helper -delete');
      return killed;
    });
    await afresh();
    if (!killed) return nth - 1;
  }
}

describe('killed at any step', () => {
  it(
    'of apply: it was not begun, or is undone',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        await kill(`apply ${fresh()} 600 -`, stepsText([SYN, FIN]));
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
        await box.apply(fresh(), [SYN]);
        await kill(`confirm ${id}`);
        const { state } = await box.helper(`status ${id}`);
        expect(['on-trial', 'kept']).toContain(state);
        expect(await ofHelper()).toEqual({
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
        await box.apply(fresh(), [SYN]);
        await box.helper(`confirm ${id}`);
        await kill(`revert ${id}`);
        const { state } = await box.helper(`status ${id}`);
        expect(['kept', 'reverted']).toContain(state);
        const kept = { live: '5', file: [`${SYN.key} = 5`] };
        expect(await ofHelper()).toEqual(state === 'kept' ? kept : { live: '6', file: [] });
      });
      expect(steps).toBeGreaterThan(5);
    },
    LONG_MS,
  );

  it(
    'of revert under a newer change: that one has everything, and goes back to the value before both',
    async () => {
      const steps = await atEveryStep(async (kill) => {
        const older = fresh();
        await box.apply(older, [SYN]);
        await box.helper(`confirm ${older}`);
        await box.apply(fresh(), [BACK]);
        await box.helper(`confirm ${id}`);
        await kill(`revert ${older}`);
        const { state } = await box.helper(`status ${older}`);
        expect(await ofHelper()).toEqual({ live: '6', file: [`${SYN.key} = 6`] });
        await box.helper(`revert ${id}`);
        const back = { live: '6', file: [] };
        expect(await ofHelper()).toEqual(state === 'kept' ? { live: '5', file: [`${SYN.key} = 5`] } : back);
      });
      expect(steps).toBeGreaterThan(5);
    },
    LONG_MS,
  );

  it('before a trial was ended: its timer ends it, and nobody needs to ask', async () => {
    await box.apply(fresh(), [SYN]);
    await armDeath(4);
    expect(await dies(`revert ${id}`)).toBe(true);
    await hurry(id);
    await expect.poll(() => stateOf(id), SOON).toBe('reverted');
    expect(await box.live(SYN.key)).toBe('6');
  });
});

describe('a caller that does not do its part', () => {
  /** An answer that nobody reads, in a pipe that is full. */
  const FULL = 'mkfifo /tmp/full; exec 8<>/tmp/full; dd if=/dev/zero bs=4096 count=16 >&8 2>/dev/null;';

  it.each(['status', 'extend', 'history'])(
    'does not read the answer to %s: the timer acts at its time',
    async (verb) => {
      await box.apply(fresh(), [SYN]);
      await box.run(`(${FULL} exec ${HELPER_PATH} 1 ${WORD} ${verb} ${id} 600 >&8 2>&8) & echo $! >/tmp/reader`);
      await expect
        .poll(async () => (await box.run('cat /proc/$(cat /tmp/reader)/wchan')).stdout, SOON)
        .toMatch(/pipe_write/);
      await hurry(id);
      await expect.poll(() => stateOf(id), SOON).toBe('reverted');
      expect((await box.run('kill -9 $(cat /tmp/reader)')).status).toBe(0);
    },
  );

  it('never ends its input: the timer of another change acts at its time', async () => {
    await box.apply(fresh(), [SYN]);
    await box.run(
      `mkfifo /tmp/stdin; sleep 600 >/tmp/stdin & ${HELPER_PATH} 1 ${WORD} apply other 60 - </tmp/stdin >/dev/null & echo $! >/tmp/waits`,
    );
    await expect.poll(async () => (await box.run('pgrep -x head')).status, SOON).toBe(0);
    await hurry(id);
    await expect.poll(() => stateOf(id), SOON).toBe('reverted');
    expect((await box.run('kill -9 $(cat /tmp/waits); pkill sleep')).status).toBe(0);
  });

  it('sends what takes long to judge: the lock is free meanwhile', async () => {
    await box.run(
      `mkfifo /tmp/stdin; (cat; sleep 600) </dev/null >/tmp/stdin & ${HELPER_PATH} 1 ${WORD} apply other 60 - </tmp/stdin & :`,
    );
    await expect.poll(async () => (await box.run('pgrep -x awk')).status, SOON).toBe(0);
    expect((await box.run(`flock -n ${STATE}/lock true || [ ! -e ${STATE}/lock ]`)).status).toBe(0);
    await box.run('pkill sleep; pkill -f other');
  });

  it('gives it no time and no room: it takes its own', async () => {
    const limits = 'ulimit -S -f 0; ulimit -S -t 1';
    const applied = await box.run(
      `printf '%s' '${stepsText([SYN])}' >/tmp/steps; (${limits}; ${HELPER_PATH} 1 ${WORD} apply ${fresh()} 600 - </tmp/steps | cat)`,
    );
    expect(applied.stdout).toContain('state on-trial');
    const timer = (await box.run(`pgrep -f '${TIMER} ${id}'`)).stdout.trim().split('\n')[0];
    const { stdout } = await box.run(`cat /proc/${timer}/limits`);
    expect(stdout).toMatch(/Max cpu time +unlimited/);
    expect(stdout).toMatch(/Max file size +unlimited/);
  });
});

describe('where there is no room', () => {
  const FILL = `dd if=/dev/zero of=${STATE}/fill bs=4096 2>/dev/null; for n in 1 2 3 4 5 6 7 8; do echo >${STATE}/fill$n; done 2>/dev/null`;
  const small = () => box.run(`mkdir -p ${STATE} && mount -t tmpfs -o size=200k,mode=700 tmpfs ${STATE}`);
  const isFull = async () => expect((await box.run(`echo >${STATE}/one-more`)).status).not.toBe(0);

  it('during a trial: the timer puts the values back, and the state says so', async () => {
    await small();
    await box.apply(fresh(), [SYN]);
    await box.run(FILL);
    await isFull();
    await hurry(id);
    await expect.poll(() => stateOf(id), SOON).toBe('reverted');
    expect(await box.live(SYN.key)).toBe('6');
    await isFull();
    expect(await box.helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'timer' });
    await expect.poll(async () => (await box.run(`pgrep -f '${TIMER} ${id}'`)).status, SOON).toBe(1);
  });

  it('a trial can be reverted, and not be kept or prolonged in silence', async () => {
    await small();
    await box.apply(fresh(), [SYN]);
    await box.run(FILL);
    const kept = await box.helper(`confirm ${id}`);
    expect(kept).toMatchObject({ status: 2, state: 'reverted', failed: expect.arrayContaining(['no-file']) });
    expect(await box.helper(`status ${id}`)).toMatchObject({
      state: 'reverted',
      detail: expect.stringMatching(/^failed: no-file /),
    });
    expect(await ofHelper()).toEqual({ live: '6', file: [] });
  });

  it('where nothing can be written at all, the values go back, and the end is written down once it can be', async () => {
    await small();
    await box.apply(fresh(), [SYN]);
    await hurry(id);
    await box.run(`mount -o remount,ro ${STATE}`);
    await expect.poll(() => box.live(SYN.key), SOON).toBe('6');
    expect(await box.helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'timer' });
    expect(await box.helper(`confirm ${id}`)).toMatchObject({
      status: 1,
      refused: expect.arrayContaining(['reverted']),
    });
    await box.run(`mount -o remount,rw ${STATE}`);
    await expect.poll(() => stateOf(id), SOON).toBe('reverted');
  });
});

describe('what is forgotten', () => {
  /** 220 changes of one key, each after the other, as the helper leaves them. */
  const addChanges = (state: string) =>
    box.run(`cd ${STATE}/changes; mkdir $(seq -f old%g 220); for n in $(seq 220); do
echo ${state} >old$n/state; echo $((n + 1)) >old$n/order; : >old$n/persisting; echo 1796029453 ${state} >old$n/journal
printf '${SYN.key}\t1\t1\n' >old$n/plan; printf '${SYN.key}\t1\t1\n' >old$n/undo; done; cd /`);

  it('never a kept change: not for a thousand questions about what was never begun, nor for later changes', async () => {
    await box.apply(fresh(), [SYN]);
    await box.helper(`confirm ${id}`);
    const kept = id;
    await addChanges('reverted');
    await box.run(`for n in $(seq 5); do ${HELPER_PATH} 1 ${WORD} status never$n; done; seq 500 >>${STATE}/never`);
    expect(await box.apply(fresh(), [FIN])).toMatchObject({ state: 'on-trial' });
    const { stdout } = await box.run(`ls ${STATE}/changes`);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining([kept, id, 'old220']));
    expect(stdout.split('\n')).not.toContain('old1');
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(200);
    expect(await box.helper('apply never1 60 -', stepsText([SYN]))).toMatchObject({ state: 'none' });
    expect(await box.helper(`revert ${kept}`)).toMatchObject({ state: 'reverted' });
    expect(await box.live(SYN.key)).toBe('6');
  });

  it('of what was never begun, all but the last thousand', async () => {
    await box.helper('status first');
    await box.run(`seq 5000 >>${STATE}/never`);
    await box.helper('status last');
    const { stdout } = await box.run(`cat ${STATE}/never`);
    expect([stdout.trim().split('\n').length, stdout.includes('last'), stdout.includes('first')]).toEqual([
      1000,
      true,
      false,
    ]);
  });

  it('of kept changes, those that newer ones cover entirely', async () => {
    await box.apply(fresh(), [SYN]);
    await box.helper(`confirm ${id}`);
    await addChanges('kept');
    expect(await box.apply(fresh(), [FIN])).toMatchObject({ state: 'on-trial' });
    const { stdout } = await box.run(`ls ${STATE}/changes`);
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(200);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['old220', id]));
  });
});

describe('without flock', () => {
  const without = () =>
    box.run(`mkdir -p /run/bin; cp -rs /usr/sbin/. /usr/bin/. /run/bin/; rm -f /run/bin/flock
sed -i 's#^PATH=.*#PATH=/run/bin#' ${HELPER_PATH}`);

  it('a lock that a killed helper left is no obstacle, though its number is another process by now, or its parent has not noticed', async () => {
    const script = (await box.run(`cat ${HELPER_PATH}`)).stdout;
    await without();
    const boot = (await box.run('cat /proc/sys/kernel/random/boot_id')).stdout.trim();
    await box.apply(fresh(), [SYN]);
    await box.run(`sh -c 'sleep 600 & echo $! >/tmp/zombie; exec sleep 601' &
until [ -s /tmp/zombie ]; do sleep 0.01; done; kill -9 $(cat /tmp/zombie)
until grep -q ') Z ' /proc/$(cat /tmp/zombie)/stat; do sleep 0.01; done`);
    const [zombie = '', started = ''] = (await box.run('cut -d " " -f 1,22 /proc/$(cat /tmp/zombie)/stat')).stdout
      .trim()
      .split(' ');
    await box.run(
      `: >${STATE}/lock.d/${boot}.1.99999999; : >${STATE}/lock.d/other.1.0; : >${STATE}/lock.d/${boot}.${zombie}.${started}; mkdir ${STATE}/lock.d/pid`,
    );
    expect(await box.helper(`revert ${id}`)).toMatchObject({ state: 'reverted', detail: 'person' });
    expect((await box.run(`ls ${STATE}/lock.d`)).stdout).toBe('');
    await box.run(`pkill sleep; cat >${HELPER_PATH} <<'END_OF_HELPER'\n${script}END_OF_HELPER`);
  });

  it('one at a time, and the timer gets its turn', async () => {
    const script = (await box.run(`cat ${HELPER_PATH}`)).stdout;
    await without();
    const boot = (await box.run('cat /proc/sys/kernel/random/boot_id')).stdout.trim();
    await box.apply(fresh(), [SYN]);
    await box.run(`sleep 600 & echo $! >/tmp/holder; : >${STATE}/lock.d/${boot}.$!.$(cut -d ' ' -f 22 /proc/$!/stat)`);
    await hurry(id);
    await box.run(`${HELPER_PATH} 1 ${WORD} status ${id} >/tmp/asked & echo $! >/tmp/asker`);
    for (const waits of ['cat /tmp/asker', `pgrep -f '${TIMER} ${id}'`])
      await expect.poll(async () => (await box.run(`pgrep -x sleep -P $(${waits})`)).status, SOON).toBe(0);
    expect([await stateOf(id), (await box.run('cat /tmp/asked')).stdout]).toEqual(['on-trial', '']);
    await box.run('kill -9 $(cat /tmp/holder)');
    await expect.poll(() => stateOf(id), SOON).toBe('reverted');
    await expect.poll(async () => (await box.run('cat /tmp/asked')).stdout, SOON).toContain('state reverted timer');
    await box.run(`cat >${HELPER_PATH} <<'END_OF_HELPER'\n${script}END_OF_HELPER`);
  });
});

describe('a trial that is prolonged', () => {
  it('by one order is prolonged once, however often the order arrives, and by the next one again', async () => {
    await box.apply(fresh(), [SYN], 60);
    const [first, twice] = [await box.helper(`extend ${id} 600 a1`), await box.helper(`extend ${id} 600 a1`)];
    expect(Number(first.detail)).toBeGreaterThan(640);
    expect(Number(twice.detail)).toBeLessThanOrEqual(660);
    expect((await box.helper(`extend ${id} 600 b2`)).extended).toEqual(['a1', 'b2']);
    const again = await box.helper(`extend ${id} 600 a1`);
    expect(Number(again.detail)).toBeLessThanOrEqual(1260);
    expect((await box.helper(`status ${id}`)).extended).toEqual(['a1', 'b2']);
    expect(await box.helper(`extend ${id} 600 ../x`)).toMatchObject({
      status: 1,
      refused: expect.arrayContaining(['bad-token']),
    });
  });
});

describe('a value that somebody else has set', () => {
  it('is not kept: it is named, and the trial goes on', async () => {
    await box.apply(fresh(), [SYN]);
    await box.write(SYN.key, '6');
    const refused = await box.helper(`confirm ${id}`);
    expect(refused).toMatchObject({ status: 1, refused: ['foreign', SYN.key, '6'], state: 'on-trial' });
    expect(await box.file()).toEqual([]);
    await box.write(SYN.key, '5');
    expect(await box.helper(`confirm ${id}`)).toMatchObject({ status: 0, state: 'kept', foreign: new Map() });
    await box.write(SYN.key, '6');
    for (const verb of ['confirm', 'status'])
      expect(await box.helper(`${verb} ${id}`)).toMatchObject({ state: 'kept', foreign: new Map([[SYN.key, '6']]) });
  });

  it('in our file is left alone, and named', async () => {
    await box.apply(fresh(), [SYN]);
    await box.helper(`confirm ${id}`);
    await box.run(`echo '${SYN.key} = 2' >${CONF}`);
    expect(await box.helper(`revert ${id}`)).toMatchObject({
      state: 'reverted',
      foreignLines: new Map([[SYN.key, '2']]),
    });
    expect(await ofHelper()).toEqual({ live: '6', file: [`${SYN.key} = 2`] });
  });
});
