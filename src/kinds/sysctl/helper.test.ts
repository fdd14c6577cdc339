import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALLOWED, helperNeededFor } from '#domain/allowed-sysctls.ts';
import { MOST_SIGNATURES, PROTOCOL } from '#domain/helper-state.ts';
import { orderText } from '../root-program.ts';
import { changeHelper, HELPER_VERSION } from './helper.ts';

const helper = (...words: readonly string[]) =>
  spawnSync('sh', ['-c', changeHelper(), 'tcp-oncall-helper', ...words], { encoding: 'utf8' });

/** Of the keys and their bounds, by version. */
const TABLES: Readonly<Record<number, string>> = { 2: 'a78cd767d373ab3f', 3: 'a78cd767d373ab3f' };

describe('an order', () => {
  it('has no more signatures than the helper takes, however many have signed', () => {
    expect(changeHelper()).toContain(`++signatures <= ${MOST_SIGNATURES} `);
    const signed = (count: number) =>
      orderText(
        'text\n',
        Array.from({ length: count }, (_, index) => `s${index}`),
      );
    expect(signed(MOST_SIGNATURES + 1)).toBe(signed(MOST_SIGNATURES));
    expect(signed(MOST_SIGNATURES)).toMatch(/^text\nend\n(?:signature\ts[0-7]\n){8}done\n$/);
  });
});

describe('the version of the helper', () => {
  it.each([String(PROTOCOL), '99'])('is told to a caller that speaks protocol %s', (protocol) => {
    const { stdout, status } = helper(protocol, 'w', 'version');
    expect([stdout, status]).toEqual([`w version ${HELPER_VERSION} protocol ${PROTOCOL}\n`, 0]);
  });

  it('stands in a line of its own, so that it can be read without running it', () => {
    expect(changeHelper()).toContain(`\nVERSION=${HELPER_VERSION}\n`);
  });

  it('is raised when a key or its bounds change', () => {
    const table = /^ALLOWED='\n([^']*)'$/m.exec(changeHelper())?.[1] ?? '';
    expect(TABLES[HELPER_VERSION]).toBe(createHash('sha256').update(table).digest('hex').slice(0, 16));
  });

  it('is that of the newest key', () => {
    expect(helperNeededFor([...ALLOWED.keys()].map((key) => ({ key })))).toBeLessThanOrEqual(HELPER_VERSION);
  });
});
