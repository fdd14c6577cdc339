/** What preflight.sh says of a build host and of a host that gets a kernel, for tests. */

const COMMON = [
  'preflight 1',
  'os debian 12',
  'kernel 6.1.0-50-amd64',
  'kernel-text #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-3 (2026-11-01)',
  'arch x86_64',
  'boot-id 0b2f9f4e-3f0a-4a57-8f4c-0d7a6f1f2c3d',
  'account 1000',
  'cpus 4',
  'container none',
  'machine QEMU',
  'memory 8000000 6000000',
  'swap 0 0',
  'disk home 40000000 2000000 ext4',
  'disk boot 500000 50000 ext4',
  'helper 1',
];

export const BUILDER_SAYS: readonly string[] = [
  ...COMMON,
  'recipe deb',
  'source linux-source-6.1 6.1.192-3 installed',
  'source linux-source-6.12 6.12.9-1 apt',
  'compiler gcc (Debian 12.2.0) 12.2.0',
  'end',
];

export const TARGET_SAYS: readonly string[] = [
  ...COMMON,
  'package linux-image-6.1.0-50-amd64 6.1.192-3 -',
  'init systemd',
  'secure-boot no-efi',
  'lockdown none',
  'signed-modules-only no',
  'bootloader grub2 grub-reboot',
  'boot-device plain',
  'grubenv yes',
  'one-shot yes -',
  'grub-default 0',
  `config ${'c'.repeat(64)}`,
  'module virtio_net -',
  'module ext4 -',
  'tw-timeout none',
  'fin-timeout 60',
  'kernel-installed 6.1.0-50-amd64',
  'end',
];

/** Lines with a word before each. Those that begin as one of `instead` are replaced by it; it goes before the last where there is none. */
export function framed(word: string, lines: readonly string[], ...instead: readonly string[]): string {
  const names = instead.map(keyOf);
  const kept = lines.slice(0, -1).filter((line) => !names.includes(keyOf(line)));
  return [...kept, ...instead, lines.at(-1) ?? ''].map((line) => `${word} ${line}\n`).join('');
}

function keyOf(line: string): string {
  const [name = '', place = ''] = line.split(' ');
  return name === 'disk' ? `${name} ${place}` : name;
}
