/** The kernel helper on a machine that really boots: real packages, a real GRUB, and kernels that hold, panic, or are deaf. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guest, startGuest } from './guest.ts';
import { type GuestKernel, OLD, openGuestKernel, releaseOf } from './guest-kernel.ts';

let guest: Guest;
let kernel: GuestKernel;
beforeAll(async () => {
  guest = await startGuest();
  kernel = await openGuestKernel(guest);
});
afterAll(async () => guest?.[Symbol.asyncDispose]());

const running = async () => (await guest.exec('ops', 'uname -r')).stdout.trim();
const traces = async () =>
  (
    await guest.exec(
      'root',
      'ls /boot /etc/systemd/system /etc/grub.d /etc/default/grub.d; dpkg -l | grep linux-image; cat /boot/grub/grub.cfg; grub-editenv list',
    )
  ).stdout;

it('boots the new kernel once, measures it, keeps it, and rolls it back', async () => {
  const before = await traces();
  await kernel.install('patched');
  const installed = await kernel.until('patched', 'installed');
  expect(installed.measured.before?.seconds).toBeGreaterThanOrEqual(60);
  expect(await running()).toBe(OLD);
  await kernel.boot('patched');
  const trial = await kernel.until('patched', 'trial');
  expect(trial).toMatchObject({ running: releaseOf('patched'), services: { after: { state: 'running', failed: [] } } });
  expect(trial.measured.after?.seconds).toBeGreaterThanOrEqual(5);
  expect(trial.measured.after?.seconds).toBeLessThanOrEqual(6.63);
  await kernel.keep('patched');
  await kernel.until('patched', 'kept');
  const boots = guest.boots();
  await guest.exec('root', 'systemctl --no-block reboot');
  await guest.untilUp(boots + 1);
  expect(await running()).toBe(releaseOf('patched'));
  await kernel.rollback('patched');
  expect(await kernel.until('patched', 'reverted')).toMatchObject({ state: { words: ['person'] }, running: OLD });
  expect(await traces()).toBe(before);
});

it('is back on the old kernel by itself when the new one panics', async () => {
  const before = await traces();
  await kernel.install('panic');
  await kernel.until('panic', 'installed');
  await kernel.boot('panic');
  expect(await kernel.until('panic', 'fell-back')).toMatchObject({
    state: { words: ['not-booted', OLD] },
    running: OLD,
  });
  expect(await guest.console()).toContain('Kernel panic');
  expect(await traces()).toBe(before);
});

it('is back on the old kernel by itself when the new one has no network, so that nobody can keep it', async () => {
  const before = await traces();
  await kernel.install('no-network');
  await kernel.until('no-network', 'installed');
  await kernel.boot('no-network', 10);
  expect(await kernel.until('no-network', 'reverted')).toMatchObject({ state: { words: ['deadline'] }, running: OLD });
  expect(await traces()).toBe(before);
});
