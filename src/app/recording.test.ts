import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { absent, unreadable } from '#domain/reading.ts';
import { prepareRecording, type Recording, readRecording, writeRecording } from './recording.ts';

const RECORDING: Recording = {
  samples: [
    { readings: { sockets: { kind: 'text', text: 'state 01 5\n' }, conntrack: absent('/proc/net/nf_conntrack') } },
    {
      readings: { sockets: { kind: 'text', text: 'state 01 6\n' }, 'kernel-log': unreadable('no-permission', 'dmesg') },
    },
  ],
  meta: { host: 'web-01', startedAt: '2026-11-20T13:50:12.000Z', interval: 5, version: '0.1.0' },
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('a recording', () => {
  it('comes back as it was written, reasons included', async () => {
    await prepareRecording(dir);
    await writeRecording(dir, RECORDING);
    expect(await readRecording(dir)).toEqual(RECORDING);
  });

  it('is not written over something else', async () => {
    await writeFile(join(dir, 'notes'), '');
    await expect(prepareRecording(dir)).rejects.toThrow(`${dir} is not empty; name a new directory for the readings.`);
  });

  it('says what a directory lacks', async () => {
    await expect(readRecording(dir)).rejects.toThrow(`${dir} has no readings: expected ${dir}/1/<source>.txt.`);
  });

  it('names a file that is called after no reason, and one that cannot be read', async () => {
    await writeRecording(dir, RECORDING);
    const odd = join(dir, '1', 'sockets.full-moon.txt');
    await writeFile(odd, '');
    await expect(readRecording(dir)).rejects.toThrow(`${odd} is named after no known reason`);
    await rm(odd);
    await mkdir(join(dir, '2', 'snmp.txt'));
    await expect(readRecording(dir)).rejects.toThrow(`${join(dir, '2', 'snmp.txt')} cannot be read (it is no file).`);
  });

  it.each(['1/sockets.txt', 'meta.json'])('does not wait for a pipe, or for what has no end, in %s', async (name) => {
    await writeRecording(dir, RECORDING);
    const path = join(dir, name);
    await rm(path);
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    await expect(readRecording(dir)).rejects.toThrow(`${path} cannot be read (it is no file).`);
    await rm(path);
    await symlink('/dev/zero', path);
    await expect(readRecording(dir)).rejects.toThrow(`${path} cannot be read (it is no file).`);
    await rm(path);
    await writeFile(path, '');
    await truncate(path, 1024 * 1024 + 1);
    await expect(readRecording(dir)).rejects.toThrow(`${path} is longer than a check takes from a host (1 MB).`);
  });

  it('names a broken meta.json', async () => {
    await writeRecording(dir, RECORDING);
    await writeFile(join(dir, 'meta.json'), '{');
    await expect(readRecording(dir)).rejects.toThrow(`${dir}/meta.json is not the meta.json of a recording.`);
  });
});
