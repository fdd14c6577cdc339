/** What docs/architecture.md says of the files that know of kernel builds is all there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';

const KNOWS = /kinds\/kernel\/|request-kernel|\bKERNEL\b|KernelWanted|name: 'kernel'/;
/** Of the host's kernel, not of builds. */
const OTHERS = /^src\/(?:evidence|diagnosis)\//;

it('names every file outside its folder that knows the kernel kind, and no other', () => {
  const text = readFileSync('docs/architecture.md', 'utf8');
  const table = text.slice(
    text.indexOf('All that names it outside its folder'),
    text.indexOf('## What reads the socket'),
  );
  const named = [...table.matchAll(/`([^`]+\.(?:ts|sh))`/g)].map(([, path = '']) => basename(path));
  const knowing = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:ts|sh)$/.test(path))
    .map((path) => `src/${path}`)
    .filter((path) => !path.startsWith('src/kinds/kernel/') && !path.endsWith('.test.ts') && !OTHERS.test(path))
    .filter((path) => basename(path).includes('kernel') || KNOWS.test(readFileSync(path, 'utf8')));
  expect(named.filter((name) => name !== 'kernel-places.test.ts').toSorted()).toEqual(
    knowing.map((path) => basename(path)).toSorted(),
  );
});
