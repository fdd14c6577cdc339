/** What can be read off the files, for who runs no containers: test/containers runs them. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { TOKENS } from '#local-slack/web-api.ts';
import { SECRETS } from '#secrets.ts';
import { parseRoles } from '#serve/roles.ts';

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly build?: string | { readonly dockerfile?: string };
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly profiles?: readonly string[];
}

const ROOT = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docker-compose.yml', ROOT), 'utf8');
const { services, networks } = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
};

it('splits the roles so that who has the tokens logs in nowhere, and the other way round', () => {
  expect(parseRoles(services['bot']?.command?.[2] ?? '')).toEqual(['slack', 'web']);
  expect(parseRoles(services['worker']?.command?.[2] ?? '')).toEqual(['worker', 'web']);
  const { bot, worker } = services;
  expect(Object.keys(worker?.environment ?? {})).toEqual(['REDIS_URL', 'REDIS_PASSWORD_FILE']);
  expect(worker?.secrets).toEqual(['redis_password']);
  expect(worker?.volumes).toContain('./keys:/keys:ro');
  expect(bot?.volumes).toEqual(['./config:/config:ro', 'audit:/audit']);
});

it('names every secret as a file, and the file as the program does', () => {
  for (const name of ['bot', 'worker'])
    for (const [variable, value] of Object.entries(services[name]?.environment ?? {}))
      if (variable !== 'REDIS_URL')
        expect([value, SECRETS.map((secret) => `${secret}_FILE`)]).toEqual([
          `/run/secrets/${variable.replace(/_FILE$/, '').toLowerCase()}`,
          expect.arrayContaining([variable]),
        ]);
});

it('has a Redis that keeps what it is given, evicts nothing, and is watched', () => {
  const command = services['redis']?.command?.join(' ') ?? '';
  expect(command).toMatch(/--appendonly yes .*noeviction/);
  expect(services['redis']?.healthcheck).toBeDefined();
  expect(command).toContain('requirepass');
  expect(services['redis']).toMatchObject({ networks: ['redis'], secrets: ['redis_password'] });
  expect(services['redis']?.ports).toBeUndefined();
  expect(networks['redis']).toEqual({ internal: true });
  const beside = Object.keys(services).filter((name) => services[name]?.networks?.includes('redis'));
  expect(beside).toEqual(['redis', 'bot', 'worker']);
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
  expect(image).toMatch(/^FROM node:24-slim/m);
});
