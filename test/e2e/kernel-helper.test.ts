/** The kernel helper's states: from the install to a kernel that is kept, and every way back to the old one. */
import { beforeEach, describe, expect, it } from 'vitest';
import { newId, OLD, OLD_ENTRY, useKernelBox } from './kernel-box.ts';

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
});
