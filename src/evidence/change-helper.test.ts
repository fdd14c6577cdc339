/** The real fragment against the real helper, with a sudo of our own; paths are moved into a directory of the test. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROTOCOL } from '#domain/helper-state.ts';
import { HELPER_VERSION, changeHelper as helperText } from '#kinds/sysctl/helper.ts';
import { changeHelper } from './change-helper.ts';

const root = mkdtempSync(join(tmpdir(), 'change-helper-'));
afterAll(() => rmSync(root, { recursive: true }));
const path = join(root, 'usr/local/sbin/tcp-oncall-helper');
const OBEYS = 'shift; exec "$@"';

/** What a check of such a host finds. */
function look(shell: string, helper: string | null, sudo: string) {
  rmSync(join(root, 'usr'), { recursive: true, force: true });
  mkdirSync(join(root, 'usr/local/sbin'), { recursive: true });
  if (helper !== null) writeFileSync(path, helper, { mode: 0o755 });
  const script = `ME=1000\nsudo() { sh -c '${sudo}' sudo "$@"; }\nask() {\n${changeHelper.script.replaceAll(/(?<=[ =])\/usr/g, `${root}/usr`)}}\nask`;
  const { stdout, status } = spawnSync('sh', ['-c', `exec ${shell} -s`], { input: script, encoding: 'utf8' });
  return { reading: status === 0 ? changeHelper.parse(stdout) : undefined, stdout, status };
}

describe.each(['dash', 'busybox sh'])('under %s', (shell) => {
  it('says which version runs', () => {
    const { reading } = look(shell, helperText(), OBEYS);
    expect(reading).toEqual({ kind: 'read', value: { kind: 'runs', version: HELPER_VERSION, protocol: PROTOCOL } });
  });

  it('knows the one that did not know its version', () => {
    const old = '#!/bin/sh\necho "$2 refused bad-verb apply, confirm, extend, revert, status or history"; exit 1\n';
    expect(look(shell, old, OBEYS).reading).toEqual({ kind: 'read', value: { kind: 'runs', version: 1, protocol: 1 } });
  });

  it('says what sudo said', () => {
    const { reading } = look(shell, helperText(), 'echo "sudo: a password is required" >&2; exit 1');
    expect(reading).toEqual({ kind: 'read', value: { kind: 'no-rights', said: 'sudo: a password is required' } });
  });

  it('is absent where there is none, and asks sudo nothing', () => {
    const { status, stdout } = look(shell, null, `echo called >${root}/called`);
    expect([status, stdout.trim()]).toEqual([3, path]);
  });
});
