import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PARTS = ['define.sh', 'build-host.sh', 'deb.sh'].map((part) => `. ${new URL(part, import.meta.url).pathname}`);
const PREAMBLE = [
  ...PARTS,
  'fail() { echo "fail $*"; exit 1; }',
  'note() { echo "note $*"; }',
  'ship() { echo "ship $*"; }',
];
const CONTROL = 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n';
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'deb-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs a line of shell that calls the recipe, in `dir`. */
function recipe(line: string, order: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', work: dir, job: dir, objects: dir, ...order };
  const { status, stdout, stderr } = spawnSync('dash', ['-uc', [...PREAMBLE, line].join('\n')], {
    cwd: dir,
    env,
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}`.trim() };
}

function kernel(name: string, ...constants: readonly number[]): string {
  const file = join(dir, name);
  const loads = constants.map((value) => `mov $${value}, %esi`).join('\n');
  const source = `.globl tcp_time_wait\nother:\nmov $15000, %eax\nret\ntcp_time_wait:\n${loads}\nret\nnext:\nmov $15000, %eax\nret\n`;
  execFileSync('as', ['-o', file], { input: source });
  return file;
}

describe('the check of a built kernel', () => {
  it.each([
    ['the wanted constant', [3750], '15 250', 0],
    ['the constant of 60 s beside it', [3750, 15_000], '15 250', 1],
    ['that of 60 s alone', [15_000], '15 250', 1],
    ['another tick', [3750], '15 1000', 1],
    ['60 s, as wanted', [15_000], '60 250', 0],
    ['a longer number that begins the same', [0xea60], '15 250', 1],
    ['nothing', [], '15 250', 1],
  ] as const)('finds %s', (_, constants, wanted, status) => {
    expect(recipe(`vmlinux_waits ${kernel('vmlinux', ...constants)} ${wanted}`)).toEqual({ status, said: '' });
  });

  it('reads aarch64 too', () => {
    const line = 'ffff8000109 mov\tw1, #0xea6                  \t// #3750';
    expect(recipe(`printf '%s\\n' '${line}' | grep -cE "$(immediate 3750)"`).said).toBe('1');
  });

  it('refuses a kernel without the function', () => {
    writeFileSync(join(dir, 'empty'), '');
    expect(recipe('vmlinux_waits empty 15 250').status).toBe(1);
  });

  it.each([
    [
      'the image that was checked',
      'image',
      /^note release 6\.1-tw15-abcdefgh\nnote compiler gcc 12\nship out\/linux-image-1\.deb$/,
    ],
    ['another image', 'another', /^fail check the package holds another kernel/],
  ] as const)('finds %s in the package', (_, inPackage, said) => {
    const root = join(dir, 'root');
    for (const path of ['root/DEBIAN', 'root/boot', 'out', 'include/config'])
      mkdirSync(join(dir, path), { recursive: true });
    writeFileSync(join(root, 'DEBIAN/control'), CONTROL);
    writeFileSync(join(root, 'boot/vmlinuz-6.1-tw15-abcdefgh'), inPackage);
    writeFileSync(join(dir, 'bzImage'), 'image');
    writeFileSync(join(dir, 'include/config/kernel.release'), '6.1-tw15-abcdefgh\n');
    writeFileSync(join(dir, '.config'), 'CONFIG_HZ=250\nCONFIG_CC_VERSION_TEXT="gcc 12"\n');
    execFileSync('dpkg-deb', ['-b', root, join(dir, 'out/linux-image-1.deb')], { stdio: 'pipe' });
    kernel('vmlinux', 3750);
    expect(recipe('deb_make() { echo bzImage; }\ndeb_check', { seconds: '15' }).said).toMatch(said);
  });
});

describe('the configuration', () => {
  it('is compared option by option, wherever it stands', () => {
    writeFileSync(join(dir, 'a'), '# Linux/x86 Kernel\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n');
    writeFileSync(join(dir, 'b'), '# Linux/x86_64 Kernel\n# CONFIG_C is not set\nCONFIG_A=y\n# CONFIG_B is not set\n');
    expect(recipe('config_diff a b').said).toBe('--- running\n+++ built\n-CONFIG_B=m\n+CONFIG_B=n');
  });

  it('may be the same: a stage goes on', () => {
    writeFileSync(join(dir, 'a'), 'CONFIG_A=y\n');
    expect(recipe('config_diff a a')).toEqual({ status: 0, said: '' });
  });

  it('is the same when only the comment on top differs', () => {
    writeFileSync(join(dir, 'a'), '# Linux/x86 Kernel\nCONFIG_A=y\n');
    writeFileSync(join(dir, 'b'), '# Linux/x86_64 Kernel\nCONFIG_A=y\n');
    writeFileSync(join(dir, 'c'), '# Linux/x86 Kernel\nCONFIG_A=m\n');
    expect([
      recipe('same_config a b').status,
      recipe('same_config a c').status,
      recipe('same_config a no').status,
    ]).toEqual([0, 1, 1]);
  });
});

describe('the source', () => {
  it.each([
    ['src/linux-source-6.1.tar.xz', 'linux-source-6.1'],
    ['src/linux-source-5.15.0/linux-source-5.15.0.tar.bz2', 'linux-source-5.15.0'],
  ])('is found at %s', (path, name) => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), '');
    expect(recipe('find_tarball src && echo "$tarball"', { package: name }).said).toBe(path);
  });

  it('is fetched by apt where it is not installed, unpacked once, and its header kept as it was', () => {
    const place = mkdtempSync(join(dir, 'fetched-'));
    for (const path of ['made/linux-source-9.9/include/net', 'deb/usr/src', 'deb/DEBIAN', 'bin', 'work'])
      mkdirSync(join(place, path), { recursive: true });
    writeFileSync(join(place, 'made/linux-source-9.9/include/net/tcp.h'), 'its header');
    writeFileSync(join(place, 'deb/DEBIAN/control'), CONTROL);
    execFileSync('tar', ['-cJf', '../deb/usr/src/linux-source-9.9.tar.xz', 'linux-source-9.9'], {
      cwd: join(place, 'made'),
    });
    execFileSync('dpkg-deb', ['-b', join(place, 'deb'), join(place, 'linux-source-9.9_9.9-1_all.deb')], {
      stdio: 'pipe',
    });
    const apt = `#!/bin/sh\n[ "$*" = 'download linux-source-9.9=9.9-1' ] && cp ${place}/*.deb . && echo once >>${place}/asked\n`;
    writeFileSync(join(place, 'bin/apt-get'), apt, { mode: 0o755 });
    const order = {
      package: 'linux-source-9.9',
      version: '9.9-1',
      sources: join(place, 'tree'),
      work: join(place, 'work'),
    };
    const unpack = `event() { :; }\nneed_space() { :; }\nPATH=${place}/bin:$PATH\ndeb_unpack`;
    const first = recipe(unpack, order);
    const again = recipe(unpack, order);
    expect(first.said).toMatch(/^note source linux-source-9\.9 9\.9-1 [0-9a-f]{64}$/);
    expect(again.said).toBe(first.said);
    expect(readFileSync(join(place, 'asked'), 'utf8')).toBe('once\n');
    expect(readFileSync(join(place, 'tree/.tcp-oncall.tcp.h'), 'utf8')).toBe('its header');
    expect(recipe(unpack, { ...order, version: '9.9-2', sources: join(place, 'other') }).said).toMatch(
      /^fail source-unavailable apt-get download linux-source-9\.9=9\.9-2$/,
    );
  });

  it('is not another version of it', () => {
    expect(recipe('find_tarball src', { package: 'linux-source-6.12' }).status).toBe(1);
  });
});

describe('dependencies of a source that has debhelper package it', () => {
  it('are asked for where the source is new, and by the next preflight', () => {
    mkdirSync(join(dir, '.tcp-oncall/kernel'), { recursive: true });
    mkdirSync(join(dir, 'new/scripts/package/debian'), { recursive: true });
    writeFileSync(join(dir, 'new/scripts/package/debian/rules'), '');
    const order = { recipe: 'deb', HOME: dir };
    const absent = 'DEB_NEEDS_OF_DEBHELPER="dash no-such-one no-such-two"\n';
    expect(recipe(`${absent}deb_build_needs`, { ...order, sources: join(dir, 'old') })).toEqual({
      status: 0,
      said: '',
    });
    expect(recipe(`${absent}deb_build_needs`, { ...order, sources: join(dir, 'new') }).said).toBe(
      'fail dependencies no-such-one no-such-two',
    );
    expect(readFileSync(join(dir, 'missing'), 'utf8')).toBe('no-such-one\nno-such-two\n');
    expect(recipe('DEB_NEEDS=dash\ndeb_missing', order).said).toBe('no-such-one\nno-such-two');
  });
});

describe('room', () => {
  it('is asked for before anything is unpacked', () => {
    expect(recipe('need_space "99999999999 1"').said).toMatch(/^fail no-space \d+ MiB free, 97656249 MiB needed$/);
    expect(recipe('need_space "1 99999999999"').said).toMatch(
      /^(fail no-inodes \d+ inodes free, 99999999999 needed)?$/,
    );
    expect(recipe('need_space "1 1"')).toEqual({ status: 0, said: '' });
  });
});

describe('the first complaint', () => {
  it.each([
    ['  CC a.o\nnet/a.c:3:1: error: no\nmake[2]: *** [a.o] Error 1\n', 'net/a.c:3:1: error: no'],
    [
      '+ echo x: error: no\nerror: Bad exit status from /var/tmp/x (%build)\n',
      'error: Bad exit status from /var/tmp/x (%build)',
    ],
    ['something\nelse\n', 'else'],
  ])('of %j', (log, complaint) => {
    writeFileSync(join(dir, 'log'), log);
    expect(recipe('first_error').said).toBe(complaint);
    expect(readFileSync(join(dir, 'log'), 'utf8')).toBe(log);
  });
});
