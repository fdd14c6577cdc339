/** The kernel helper's states: from the install to a kernel that is kept, and every way back to the old one. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newId, OLD, OLD_ENTRY, STATE, useKernelBox } from './kernel-box.ts';

const box = useKernelBox();
let before = '';
beforeEach(async () => {
  before = await box.traces();
});

/** The old kernel runs, and nothing of the new one is left. */
async function expectAsBefore(): Promise<void> {
  expect(await box.traces()).toBe(before);
  expect((await box.run('uname -r')).stdout.trim()).toBe(OLD);
}

describe('a kernel that holds what it promises', () => {
  it('is installed beside the old one, boots once, is measured and kept', async () => {
    const built = await box.build(newId());
    const { id, release } = built;
    await box.run(`echo 15.20 >/run/time-wait-${release}`);
    expect(await box.install(built)).toMatchObject({ state: { name: 'installing' } });
    expect(await box.settled(id)).toMatchObject({ state: { name: 'installed' }, release, running: OLD });
    expect((await box.run('grub-editenv /boot/grub/grubenv list')).stdout.trim()).toBe(`saved_entry=${OLD_ENTRY}`);
    expect(await box.boot(built)).toMatchObject({ state: { name: 'booting' } });
    expect(await box.reboot()).toBe(release);
    expect(await box.settled(id)).toMatchObject({
      state: { name: 'trial' },
      running: release,
      measured: {
        before: { perSecond: 8.1, ports: 500, seconds: 61.5 },
        after: { perSecond: 32.9, ports: 500, seconds: 15.2 },
      },
    });
    await box.keep(built);
    expect(await box.settled(id)).toMatchObject({ state: { name: 'kept' } });
    expect((await box.run('box-boot')).stdout.trim()).toBe(release);
    expect(await box.traces()).not.toMatch(/armed|S02tcp|45_tcp_oncall|next_entry=/);
  });

  it('has an entry of its own for the trial, which is the distribution\'s with "panic=30"', async () => {
    const { release } = await box.installed(newId());
    const { stdout } = await box.run('cat /boot/grub/grub.cfg');
    const entry = (title: string) =>
      (stdout.split(title)[1] ?? '')
        .split(/^\t?}$/m)[0]
        ?.split('\n')
        .slice(1)
        .map((line) => line.trim());
    const [own, trial] = [entry(`with Linux ${release}'`), entry('tcp-oncall: trial')];
    expect(trial).toEqual(own?.map((line) => (line.startsWith('linux') ? `${line} panic=30` : line)));
    expect(own?.join()).toContain('linux');
  });

  it('is rolled back by one reboot, and the old one is as it was', async () => {
    const built = await box.onTrial(newId());
    await box.keep(built);
    await box.settled(built.id);
    expect(await box.rollback(built)).toMatchObject({ state: { name: 'reverting', words: ['person'] } });
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted', words: ['person'] } });
    await expectAsBefore();
  });

  it('is taken away without a reboot where it does not run', async () => {
    const built = await box.onTrial(newId());
    await box.keep(built);
    await box.settled(built.id);
    await box.run(`grub-reboot '${OLD_ENTRY}'; box-boot`);
    await box.rollback(built);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted' } });
    await expectAsBefore();
  });
});

describe('the old kernel comes back by itself', () => {
  it('when nobody keeps the new one', async () => {
    const { id } = await box.onTrial(newId());
    await box.hurry(id);
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(id)).toMatchObject({ state: { name: 'reverted', words: ['deadline'] } });
    await expectAsBefore();
  });

  it('when the new one panics', async () => {
    const built = await box.installed(newId());
    await box.boot(built);
    expect(await box.reboot('panic')).toBe(OLD);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'fell-back', words: ['not-booted', OLD] } });
    await expectAsBefore();
  });

  it.each(['14.90', '17.90', '61.50'])('when TIME_WAIT turns out to be %s s instead of 15', async (seconds) => {
    const built = await box.installed(newId(), seconds);
    await box.boot(built);
    await box.reboot();
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'fell-back', words: ['time-wait', seconds] } });
    await expectAsBefore();
  });

  it('when the new one cannot be measured', async () => {
    const built = await box.installed(newId(), '');
    await box.boot(built);
    await box.reboot();
    await box.reboot();
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'fell-back' }, running: OLD });
  });

  it('when a unit fails that did not fail before', async () => {
    const systemctl = (failed: string) =>
      box.run(`printf '%s\\n' '#!/bin/sh' 'case $1 in is-system-running) echo degraded ;; --failed) printf "${failed}" ;; reboot) echo shutdown >>/run/calls ;; esac' >/usr/local/sbin/systemctl
chmod 755 /usr/local/sbin/systemctl; mkdir -p /run/systemd/system`);
    await systemctl('old.service loaded failed\\\\n');
    const built = await box.installed(newId());
    await box.boot(built);
    expect((await box.run('cat /etc/systemd/system/sysinit.target.wants/tcp-oncall-kernel.service')).stdout).toContain(
      'internal watch',
    );
    await box.asksForReboot();
    await systemctl('old.service loaded failed\\\\nnginx.service loaded failed\\\\n');
    await box.reboot();
    await box.run(`/usr/local/sbin/tcp-oncall-kernel 1 internal watch & :`);
    await box.reboot();
    await box.run(`/usr/local/sbin/tcp-oncall-kernel 1 internal watch & :`);
    expect(await box.settled(built.id)).toMatchObject({
      state: { name: 'fell-back', words: ['services', 'nginx.service'] },
      services: { before: { failed: ['old.service'] }, after: { failed: ['old.service', 'nginx.service'] } },
    });
    await box.run('rm -r /usr/local/sbin/systemctl /run/systemd');
    await expectAsBefore();
  });

  it('when the host is rebooted during the trial', async () => {
    const { id } = await box.onTrial(newId());
    await box.run('box-boot');
    expect(await box.settled(id)).toMatchObject({ state: { name: 'fell-back', words: ['reboot'] } });
    await expectAsBefore();
  });

  it('also when the journal cannot be written any more', async () => {
    const built = await box.installed(newId());
    await box.boot(built);
    await box.asksForReboot();
    await box.run(`mount --bind ${STATE} ${STATE} && mount -o remount,bind,ro ${STATE}`);
    await box.reboot();
    expect(await box.reboot()).toBe(OLD);
    // What watches may have it open still.
    expect((await box.run(`mount -o remount,bind,rw ${STATE} && umount -l ${STATE}`)).status).toBe(0);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'fell-back' } });
    await expectAsBefore();
  });

  it('unless the boot loader boots the new one again and again: it stays there then, and says so', async () => {
    const built = await box.installed(newId());
    await box.run(': >/run/sticky');
    await box.boot(built);
    await box.reboot();
    await box.settled(built.id);
    await box.run(`printf '%s\\n' '#!/bin/sh' '[ "$2" = unset ] || exec /usr/bin/grub-editenv "$@"' >/usr/local/sbin/grub-editenv
chmod 755 /usr/local/sbin/grub-editenv`);
    await box.helper(`revert ${built.id}`);
    for (const _ of [1, 2, 3]) expect(await box.reboot()).toBe(built.release);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'failed' }, running: built.release });
    await box.run('rm /usr/local/sbin/grub-editenv /run/sticky');
    await box.helper(`revert ${built.id}`);
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted', words: ['person'] } });
    await expectAsBefore();
  });
});

describe('a person', () => {
  it('takes back what is installed, without a boot', async () => {
    const { id } = await box.installed(newId());
    await box.helper(`revert ${id}`);
    expect(await box.settled(id)).toMatchObject({ state: { name: 'reverted', words: ['person'] } });
    await expectAsBefore();
  });

  it('takes back what is on trial', async () => {
    const { id } = await box.onTrial(newId());
    await box.helper(`revert ${id}`);
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(id)).toMatchObject({ state: { name: 'reverted', words: ['person'] } });
    await expectAsBefore();
  });

  it('stops an install half-way', async () => {
    const built = await box.build(newId());
    await box.run('mkfifo /run/go; echo "read line </run/go" >/run/hook-dpkg');
    await box.install(built);
    await box.until("grep -qs '^dpkg ' /run/calls");
    await box.helper(`revert ${built.id}`);
    await box.run('echo >/run/go; rm /run/hook-dpkg /run/go');
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted', words: ['person'] } });
    await expectAsBefore();
  });

  it('prolongs a trial once for each press', async () => {
    const { id } = await box.onTrial(newId());
    const { secondsLeft } = await box.helper(`extend ${id} a1`);
    expect(secondsLeft).toBeGreaterThan(1100);
    const again = await box.helper(`extend ${id} a1`);
    expect(again.secondsLeft).toBeLessThanOrEqual(secondsLeft ?? 0);
    for (const token of ['a2', 'a3', 'a4', 'a5', 'a6']) await box.helper(`extend ${id} ${token}`);
    const last = await box.status(id);
    expect(last.secondsLeft).toBeLessThanOrEqual(3600);
    expect(last.extended).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
  });

  it('is told the same however often an order comes', async () => {
    const built = await box.onTrial(newId());
    expect(await box.install(built)).toMatchObject({ state: { name: 'trial' } });
    expect(await box.boot(built)).toMatchObject({ state: { name: 'trial' } });
    await box.keep(built);
    await box.settled(built.id);
    expect(await box.keep(built)).toMatchObject({ state: { name: 'kept' } });
    expect(await box.helper(`revert ${built.id}`)).toMatchObject({ state: { name: 'kept' } });
  });

  it('installs another one when the first was never booted', async () => {
    const first = await box.installed(newId());
    const second = await box.installed(newId());
    expect(await box.status(first.id)).toMatchObject({ state: { name: 'reverted', words: ['superseded'] } });
    expect(await box.status(second.id)).toMatchObject({ state: { name: 'installed' } });
    await box.helper(`revert ${second.id}`);
    await box.settled(second.id);
    await expectAsBefore();
  });
});

describe('killed', () => {
  /** Each program, and whether it was already called once. */
  const KILL = `pkill -9 -f 'internal (watch|work)'; exit 1`;
  const POINTS: readonly (readonly [where: string, hook: string])[] = [
    ['before the old kernel is pinned', 'hook-update-grub'],
    ['while the old kernel is pinned', 'hook-grub-set-default'],
    ['between the pin and the install', 'hook-dpkg'],
    ['after the packages are there', 'after-dpkg'],
  ];
  const kill = (hook: string) => box.run(`echo "rm /run/${hook}; ${KILL}" >/run/${hook}`);
  const died = (hook: string) => box.until(`[ ! -e /run/${hook} ]`);

  it.each(POINTS)('%s, it is undone by the next that asks', async (_, hook) => {
    const built = await box.build(newId());
    await kill(hook);
    await box.install(built);
    await died(hook);
    expect(await box.settled(built.id)).toMatchObject({
      state: { name: 'failed', words: ['interrupted', expect.any(String)] },
    });
    await expectAsBefore();
  });

  it.each(POINTS)('%s, with the whole machine: it comes back on the old kernel and is undone', async (_, hook) => {
    const built = await box.build(newId());
    await kill(hook);
    await box.install(built);
    await died(hook);
    await box.run('box-boot');
    expect(await box.settled(built.id)).toMatchObject({
      state: { name: 'failed', words: ['interrupted', expect.any(String)] },
    });
    await expectAsBefore();
  });

  it('before the reboot, it is gone on with', async () => {
    const built = await box.installed(newId());
    await kill('hook-grub-reboot');
    await box.boot(built);
    await died('hook-grub-reboot');
    await box.status(built.id);
    expect(await box.reboot()).toBe(built.release);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'trial' } });
  });

  it('while it measures the new kernel, or waits, it is gone on with', async () => {
    const built = await box.installed(newId());
    await kill('hook-unshare');
    await box.boot(built);
    await box.reboot();
    await died('hook-unshare');
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'trial' } });
    await box.run(`pkill -9 -f 'internal (watch|work)'`);
    await box.hurry(built.id);
    await box.status(built.id);
    expect(await box.reboot()).toBe(OLD);
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted', words: ['deadline'] } });
  });

  it('while it keeps the new kernel, that is gone on with', async () => {
    const built = await box.onTrial(newId());
    await kill('hook-grub-set-default');
    await box.keep(built);
    await died('hook-grub-set-default');
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'kept' } });
    expect((await box.run('box-boot')).stdout.trim()).toBe(built.release);
  });

  it('while it takes the new kernel away, that is gone on with', async () => {
    const built = await box.installed(newId());
    await kill('after-dpkg');
    await box.helper(`revert ${built.id}`);
    await died('after-dpkg');
    expect(await box.settled(built.id)).toMatchObject({ state: { name: 'reverted' } });
    await expectAsBefore();
  });
});

describe('an install that fails leaves nothing', () => {
  it.each([
    [
      'the package manager',
      'hook-dpkg',
      'echo "dpkg: error: it is broken" >&2; exit 1',
      ['package', 'dpkg:', 'error:'],
    ],
    ['the measurement', 'hook-unshare', 'echo "no port was free after 90 s"; exit 1', ['not-measured', 'no', 'port']],
    ['the boot loader', 'hook-grub-set-default', 'exit 1', ['pin']],
  ])('%s', async (_, hook, script, words) => {
    const built = await box.build(newId());
    await box.run(
      `printf '%s' '[ ! -e /run/once ] && : >/run/once && ${script.replaceAll("'", '')}' >/run/${hook}; rm -f /run/once`,
    );
    await box.install(built);
    const { state } = await box.settled(built.id);
    expect(state).toMatchObject({ name: 'failed' });
    expect(state?.words.slice(0, words.length)).toEqual(words);
    await expectAsBefore();
  });

  it('also a package that cannot be removed just now, once it is told again', async () => {
    const { id } = await box.installed(newId());
    await box.run(`echo 'echo "dpkg: error: busy" >&2; exit 1' >/run/hook-dpkg`);
    await box.helper(`revert ${id}`);
    expect(await box.settled(id)).toMatchObject({
      state: { name: 'failed', words: ['remove', 'dpkg:', 'error:', 'busy'] },
    });
    await box.run('rm /run/hook-dpkg');
    await box.helper(`revert ${id}`);
    expect(await box.settled(id)).toMatchObject({ state: { name: 'reverted' } });
    await expectAsBefore();
  });
});

describe('nothing is begun', () => {
  it.each([
    ['another kernel runs than was planned', 'echo 6.1.0-29-amd64 >/run/release', 'drift'],
    [
      '/boot is full',
      'umount /boot; mount -t tmpfs -o size=6m tmpfs /boot; mkdir /boot/grub; grub-editenv /boot/grub/grubenv create; : >/boot/vmlinuz-6.1.0-28-amd64; update-grub',
      'no-boot-space',
    ],
    ['GRUB is on LVM', 'echo lvm >/run/abstraction', 'no-one-shot'],
    ['GRUB is on btrfs', 'echo btrfs >/run/filesystem', 'no-one-shot'],
    [
      "GRUB's environment cannot be written",
      'mount --bind /boot/grub /boot/grub; mount -o remount,bind,ro /boot/grub',
      'no-one-shot',
    ],
    ['GRUB does not know one-shots', 'echo >/boot/grub/grub.cfg', 'no-one-shot'],
    ['there is no GRUB', 'mv /usr/local/sbin/grub-reboot /run/', 'no-loader'],
    ['there is no init to arm', 'mv /etc/rc?.d /run/', 'no-dead-man'],
    ['it is a container', ': >/run/.containerenv', 'container'],
  ])('where %s', async (_, script, code) => {
    const built = await box.build(newId());
    await box.run(script);
    const was = await box.traces();
    expect((await box.install(built)).refused?.[0]).toBe(code);
    expect(await box.traces()).toBe(was);
    await box.run(
      'umount /boot/grub 2>/dev/null; mv /run/grub-reboot /usr/local/sbin/ 2>/dev/null; mv /run/rc?.d /etc/ 2>/dev/null; rm -f /run/.containerenv',
    );
  });

  it('while another change is under way', async () => {
    const first = await box.onTrial(newId());
    expect(await box.install(await box.build(newId()))).toMatchObject({ refused: ['busy', first.id] });
  });

  it('of what was called off before it came', async () => {
    const built = await box.build(newId());
    expect(await box.status(built.id)).toMatchObject({ state: { name: 'none' } });
    expect(await box.helper(`revert ${built.id}`)).toMatchObject({ state: { name: 'none' } });
    expect(await box.install(built)).toMatchObject({ state: { name: 'none' } });
    await expectAsBefore();
  });
});
