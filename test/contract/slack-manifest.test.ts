import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCOPES } from '#slack/scopes.ts';

interface Manifest {
  readonly features: {
    readonly shortcuts: readonly { readonly callback_id: string; readonly type: string }[];
    readonly slash_commands: readonly { readonly command: string }[];
  };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: { readonly event_subscriptions: { readonly bot_events: readonly string[] } };
}

const ROOT = new URL('../../', import.meta.url);
const manifest = parse(readFileSync(new URL('slack-manifest.yaml', ROOT), 'utf8')) as Manifest;
const listeners = ['listen-commands', 'listen-buttons', 'listen-shortcuts', 'home']
  .map((name) => readFileSync(new URL(`src/slack/${name}.ts`, ROOT), 'utf8'))
  .join('\n');

it('asks for the scopes that the code names, and for no others', () => {
  expect(manifest.oauth_config.scopes.bot).toEqual(SCOPES);
});

it('declares what is listened for, and nothing else', () => {
  const heard = (pattern: RegExp) => [...listeners.matchAll(pattern)].map(([, name]) => name).toSorted();
  const { shortcuts, slash_commands: commands } = manifest.features;
  expect(commands.map(({ command }) => command)).toEqual(heard(/app\.command\('([^']+)'/g));
  expect(shortcuts.map(({ callback_id: id }) => id)).toEqual(heard(/app\.shortcut\([^)]*callback_id: '([^']+)'/g));
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(heard(/app\.event\('([^']+)'/g));
});
