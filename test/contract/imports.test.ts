/** Each folder imports what the table of docs/architecture.md allows, and nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placePattern, readRules, wrongImports } from './imports.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const rules = readRules(read('docs/architecture.md'), 'Folders, and what each may import');
const { imports: aliases } = JSON.parse(read('package.json')) as { readonly imports: Readonly<Record<string, string>> };
const wrong = (path: string, text: string) => wrongImports({ path, text }, rules, aliases);

const files = ['src', 'runbooks'].flatMap((folder) =>
  readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);

it('holds for every file of src/ and runbooks/', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(files.flatMap((path) => wrong(path, read(path))).join('\n')).toBe('');
});

it('has no row for what is not there', () => {
  const places = rules.map(({ place }) => place);
  expect(places.filter((place) => !files.some((path) => placePattern(place).test(path)))).toEqual([]);
});

describe('refuses', () => {
  it.each([
    ['src/domain/host.ts', "import { Queue } from 'bullmq';"],
    ['src/domain/host.ts', "import { hash } from 'node:crypto';"],
    ['src/domain/host.ts', "import type { Config } from '#config.ts';"],
    ['src/domain/host.ts', "export * from '#change/policy.ts';"],
    ['src/domain/host.ts', "export { decide } from '../change/decide.ts';"],
    ['src/domain/host.ts', "type Policy = import('#change/policy.ts').Policy;"],
    ['src/domain/host.ts', "const late = await import('#store/store.ts');"],
    ['src/domain/host.ts', 'const late = await import(name);'],
    ['src/domain/host.ts', "import fs = require('node:fs');"],
    ['src/change/decide.ts', "import { z } from 'zod';"],
    ['src/slack/fix.ts', "import { createStore } from '#store/store.ts';"],
    ['src/store/store.ts', "import { propose } from '#app/propose.ts';"],
    ['src/app/reconcile.ts', "import { WebClient } from '@slack/web-api/dist/index.js';"],
    ['src/serve/serve.ts', "import type { World } from '../cli/world.ts';"],
    ['src/fixes/raise-somaxconn/fix.ts', "import { decide } from '#change/decide.ts';"],
    ['src/world.ts', "import { z } from 'zod';"],
    ['runbooks/listener-inside-ephemeral-range/rule.ts', "import { facts } from '../close-wait-leak/rule.ts';"],
    ['runbooks/listener-inside-ephemeral-range/fault.ts', "import type { Fact } from '#domain/fact.ts';"],
  ])('in %s: %s', (path, text) => {
    const specifier = /['"](.*)['"]/.exec(text)?.[1] ?? 'computed';
    expect(wrong(path, text)).toEqual([expect.stringContaining(`${path} imports ${specifier}: `)]);
  });

  it('a folder and a file that the table does not have', () => {
    expect(wrong('src/shared/text.ts', '')).toEqual([expect.stringContaining('src/shared/text.ts: ')]);
    expect(wrong('src/start.ts', '')).toEqual([expect.stringContaining('src/start.ts: ')]);
  });

  it('a cell that is no list of names', () => {
    expect(() => readRules('\n## Rules\n| `src/a/` | it | domain | nothing |\n', 'Rules')).toThrow(/"domain"/);
  });
});
