import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const promises = readFileSync(`${ROOT}docs/security.md`, 'utf8').split(/^## /m)[2] ?? '';

describe('docs/security.md', () => {
  it('names a test that exists for each promise', () => {
    const lines = promises.split(/^- /m).slice(1);
    expect(lines.length).toBeGreaterThan(15);
    for (const line of lines) {
      const tests = [...line.matchAll(/`((?:src|test)\/\S+\.test\.ts)`/g)].map(([, path]) => path);
      expect([line, tests.length]).not.toEqual([line, 0]);
      expect(tests.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
    }
  });
});
