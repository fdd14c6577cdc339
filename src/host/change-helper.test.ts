import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { changeHelper, HELPER_VERSION, PROTOCOL } from './change-helper.ts';

const helper = (...words: readonly string[]) =>
  spawnSync('sh', ['-c', changeHelper(), 'tcp-oncall-helper', ...words], { encoding: 'utf8' });

describe('the version of the helper', () => {
  it.each([String(PROTOCOL), '99'])('is told to a caller that speaks protocol %s', (protocol) => {
    const { stdout, status } = helper(protocol, 'w', 'version');
    expect([stdout, status]).toEqual([`w version ${HELPER_VERSION} protocol ${PROTOCOL}\n`, 0]);
  });

  it('stands in a line of its own, so that it can be read without running it', () => {
    expect(changeHelper()).toContain(`\nVERSION=${HELPER_VERSION}\n`);
  });
});
