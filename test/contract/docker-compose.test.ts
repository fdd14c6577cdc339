/** No container engine runs the tests: what can be read off the files is held to what the programs take. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { TOKENS } from '#local-slack/web-api.ts';
import { parseRoles } from '#serve/roles.ts';

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly build?: string | { readonly dockerfile?: string };
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly profiles?: readonly string[];
}

const ROOT = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docker-compose.yml', ROOT), 'utf8');
const { services } = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, Service>> };

it('splits the roles so that who has the tokens logs in nowhere, and the other way round', () => {
  expect(parseRoles(services['bot']?.command?.[2] ?? '')).toEqual(['slack', 'web']);
  expect(parseRoles(services['worker']?.command?.[2] ?? '')).toEqual(['worker', 'web']);
  expect(Object.keys(services['worker']?.environment ?? {})).toEqual(['REDIS_URL']);
});

it('has a Redis that keeps what it is given, evicts nothing, and is watched', () => {
  const command = services['redis']?.command?.join(' ') ?? '';
  expect(command).toMatch(/--appendonly yes .*noeviction/);
  expect(services['redis']?.healthcheck).toBeDefined();
  expect(text).not.toMatch(/6379:6379/);
});

it('gives the demo the tokens of the local Slack, and files that exist', () => {
  const { environment } = services['demo-bot'] ?? {};
  expect(environment).toMatchObject({ SLACK_BOT_TOKEN: TOKENS.bot, SLACK_APP_TOKEN: TOKENS.app });
  for (const { build } of Object.values(services)) {
    const file = typeof build === 'object' ? build.dockerfile : build && 'Dockerfile';
    if (file !== undefined) expect(existsSync(new URL(file, ROOT))).toBe(true);
  }
  const run = services['demo-slack']?.entrypoint?.find((word) => word.endsWith('.ts')) ?? '';
  expect(existsSync(new URL(run, ROOT))).toBe(true);
});

it('builds an image that runs as an ordinary user and is watched', () => {
  const image = readFileSync(new URL('Dockerfile', ROOT), 'utf8');
  expect(image).toMatch(/^USER node$/m);
  expect(image).toMatch(/^HEALTHCHECK /m);
  expect(image).toMatch(/npm ci --ignore-scripts/);
});
