/** Callers of the change helper that do not do their part: no timer waits for them. */
import { describe, expect, it } from 'vitest';
import { HELPER, STATE } from '#lab/helper-on-host.ts';
import { helperOrder } from '#lab/helper-order.ts';
import { newId, SOON, SYN, TIMER, useHelperBox } from './helper-box.ts';

const box = useHelperBox();

describe('a caller that does not do its part', () => {
  /** An answer that nobody reads, in a pipe that is full. */
  const FULL = 'mkfifo /tmp/full; exec 8<>/tmp/full; dd if=/dev/zero bs=4096 count=16 >&8 2>/dev/null;';

  it.each(['status', 'extend', 'history'])(
    'does not read the answer to %s: the timer acts at its time',
    async (verb) => {
      const id = newId();
      await box.apply(id, [SYN]);
      await box.run(`(${FULL} exec ${HELPER} ${verb} ${id} 600 >&8 2>&8) & echo $! >/tmp/reader`);
      await expect
        .poll(async () => (await box.run('cat /proc/$(cat /tmp/reader)/wchan')).stdout, SOON)
        .toMatch(/pipe_write/);
      await box.hurry(id);
      await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
      expect((await box.run('kill -9 $(cat /tmp/reader)')).status).toBe(0);
    },
  );

  it('never ends its input: the timer of another change acts at its time', async () => {
    const id = newId();
    await box.apply(id, [SYN]);
    await box.run(
      `mkfifo /tmp/stdin; sleep 600 >/tmp/stdin & ${HELPER} apply other </tmp/stdin >/dev/null & echo $! >/tmp/waits`,
    );
    await expect.poll(async () => (await box.run('pgrep -x head')).status, SOON).toBe(0);
    await box.hurry(id);
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
    expect((await box.run('kill -9 $(cat /tmp/waits); pkill sleep')).status).toBe(0);
  });

  it('sends what takes long to judge: the lock is free meanwhile', async () => {
    await box.run(`mkfifo /tmp/stdin; (cat; sleep 600) </dev/null >/tmp/stdin & ${HELPER} apply other </tmp/stdin & :`);
    await expect.poll(async () => (await box.run('pgrep -x awk')).status, SOON).toBe(0);
    expect((await box.run(`flock -n ${STATE}/lock true || [ ! -e ${STATE}/lock ]`)).status).toBe(0);
    await box.run('pkill sleep; pkill -f other');
  });

  it('gives it no time and no room: it takes its own', async () => {
    const id = newId();
    const limits = 'ulimit -S -f 0; ulimit -S -t 1';
    const applied = await box.run(
      `printf '%s' '${helperOrder('apply', id, [SYN])}' >/tmp/steps; (${limits}; ${HELPER} apply ${id} </tmp/steps | cat)`,
    );
    expect(applied.stdout).toContain('state on-trial');
    const timer = (await box.run(`pgrep -f '${TIMER} ${id}'`)).stdout.trim().split('\n')[0];
    const { stdout } = await box.run(`cat /proc/${timer}/limits`);
    expect(stdout).toMatch(/Max cpu time +unlimited/);
    expect(stdout).toMatch(/Max file size +unlimited/);
  });
});

describe('a caller that owns the cgroup it starts the helper in', () => {
  const TOP = '/sys/fs/cgroup';
  const V2 = {
    freeze: 'echo 1 >cgroup.freeze',
    thaw: 'echo 0 >cgroup.freeze',
    isFrozen: 'grep -x "frozen 1" cgroup.events',
  };
  const V1 = {
    freeze: 'echo FROZEN >freezer.state',
    thaw: 'echo THAWED >freezer.state',
    isFrozen: 'grep -x FROZEN freezer.state',
  };
  const below = (name: string, type: string) =>
    `mount -t tmpfs tmpfs ${TOP} && mkdir ${TOP}/${name} && mount -t ${type} cgroup ${TOP}/${name}`;
  const layouts = [
    { kind: 'version 2', mount: `mount -t cgroup2 cgroup ${TOP}`, root: TOP, ...V2 },
    { kind: 'version 2 below version 1', mount: below('unified', 'cgroup2'), root: `${TOP}/unified`, ...V2 },
    { kind: 'version 1', mount: below('freezer', 'cgroup -o freezer'), root: `${TOP}/freezer`, ...V1 },
  ];

  it.for(layouts)(
    '($kind) freezes it: the timer acts at its time',
    async ({ mount, root, freeze, thaw, isFrozen }, { skip, onTestFinished }) => {
      const own = `${root}/helper-test-${process.pid}`;
      const empty = `cd ${own} && ${thaw}; until [ -z "$(/bin/cat cgroup.procs)" ]; do sleep 0.1; done; cd / && rmdir ${own}`;
      onTestFinished(async () => void (await box.run(`[ ! -d ${own} ] || { ${empty}; }; umount -R ${TOP}`)));
      const made = await box.run(`mount --rbind ${TOP} ${TOP} && ${mount} && mkdir ${own}`);
      skip(made.status !== 0, `no cgroup of ${root} can be made here: ${made.stdout.trim()}`);
      const inside = (words: string) =>
        box.run(`sh -c 'echo $$ >${own}/cgroup.procs; ${HELPER} ${words} >/tmp/said; :' </tmp/steps & :`);
      const id = newId();
      await box.run(`printf '%s' '${helperOrder('apply', id, [SYN])}' >/tmp/steps`);
      await inside(`apply ${id}`);
      await expect.poll(() => box.stateOf(id), SOON).toBe('on-trial');
      // What the helper starts under its lock freezes the cgroup: the moment that a caller would have to hit.
      await box.run(`cat >/usr/local/sbin/cat <<'END'
#!/bin/sh
(cd ${own} && ${freeze})
exec /bin/cat "$@"
END
chmod 755 /usr/local/sbin/cat`);
      await inside(`status ${id}`);
      await expect.poll(async () => (await box.run(`cd ${own}; ${isFrozen}; cd /`)).stdout, SOON).not.toBe('');
      await box.hurry(id);
      await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
      expect((await box.run('/bin/cat /tmp/said')).stdout).toContain('state on-trial');
    },
  );
});
