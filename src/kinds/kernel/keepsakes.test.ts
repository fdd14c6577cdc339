/** What is kept with a build is what the runner leaves: a name of which it knows nothing would be missed each time. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '#domain/change.ts';
import { changeOf, gateOf, NOW } from '../../../test/bot/example-change.ts';
import { KERNEL_KIND } from './kind.ts';
import { jobFolder } from './order.ts';

const RUNNER = readFileSync(new URL('runner.sh', import.meta.url), 'utf8');

function keepsakes(gate: number) {
  const state = { kind: 'working', at: NOW, gate, reverts: null, wish: null, running: true } as const;
  const change: Change = { ...changeOf(), gates: [gateOf('build'), gateOf('install')], state };
  const folder = `${jobFolder(change.id)}/`;
  return KERNEL_KIND.keepsakes?.(change).map(({ name, path }) => [name, path.replace(folder, '')]) ?? [];
}

describe('keepsakes', () => {
  it('of a build are files that the runner leaves', () => {
    const files = keepsakes(0);
    expect(files.map(([name]) => name)).toEqual(['manifest', 'patch', 'config-diff', 'log']);
    for (const [, path = ''] of files) expect(RUNNER).toMatch(new RegExp(`[ >]${path}\\b`));
  });

  it('are none of another gate', () => expect(keepsakes(1)).toEqual([]));
});
