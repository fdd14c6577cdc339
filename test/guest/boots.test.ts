/** The guest itself: it boots what GRUB is told, comes back after a reset, and ends with its test. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guest, startGuest } from './guest.ts';

let guest: Guest;
beforeAll(async () => {
  guest = await startGuest();
});
afterAll(async () => guest?.[Symbol.asyncDispose]());

it('runs as a host of a distribution does: systemd without a failed unit, and GRUB with the kernel of its package', async () => {
  const { stdout } = await guest.exec('root', 'systemctl is-system-running --wait; uname -r; dpkg -S /boot/vmlinuz-*');
  expect(stdout).toBe('running\n6.1.192\nlinux-image-6.1.192: /boot/vmlinuz-6.1.192\n');
  expect((await guest.exec('root', 'grep -c gnulinux-6.1.192-advanced /boot/grub/grub.cfg')).stdout).toBe('1\n');
});

it('comes back after a reset, and its console tells of both boots', async () => {
  const bootId = async () => (await guest.exec('ops', 'cat /proc/sys/kernel/random/boot_id')).stdout;
  const before = await bootId();
  await guest.exec('root', 'systemctl --no-block reboot');
  await guest.untilUp(2);
  expect(await bootId()).not.toBe(before);
  expect((await guest.console()).match(/Linux version 6\.1\.192 /g)).toHaveLength(2);
});
