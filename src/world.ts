/** What the commands get from outside: streams, and what only the composition root may open. */
import { existsSync, readFileSync } from 'node:fs';
import type { KindLoader } from './catalogue.ts';
import type { World } from './cli/world.ts';
import type { Config } from './config.ts';
import type { PoolOptions } from './ssh/pool.ts';

const LEFT_BEHIND_MS = 300;

/** Every kind of change that there is. Loaded when asked for: the shell waits for completion at each Tab. */
const ALL_KINDS: KindLoader = {
  kinds: async () => (await import('./catalogue.ts')).loadKinds(),
  cards: async (language, overrides) => (await import('./catalogue.ts')).loadKindCards(language, overrides),
};

export function createWorld(signal: AbortSignal, kinds: KindLoader = ALL_KINDS): World {
  const world: World = {
    kinds,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    version: version(),
    signal,
    async surroundings({ ssh: { knownHosts, agent } }) {
      const { createSurroundings } = await import('#ssh/surroundings.ts');
      return createSurroundings({ knownHosts, agentSocket: agentSocket(agent) });
    },
    async openPool(config) {
      const [{ createPool }, options] = await Promise.all([import('#ssh/pool.ts'), poolOptions(config)]);
      return createPool(options);
    },
    async examine({ slack, stateDir }) {
      const [{ examineSlack }, { examineRedis }, { readSecrets }] = await Promise.all([
        import('./doctor/examine-slack.ts'),
        import('./doctor/examine-redis.ts'),
        import('./secrets.ts'),
      ]);
      const secrets = readSecrets(process.env);
      const own = `${stateDir}/redis/redis.sock`;
      const hasServer = (process.env['PATH'] ?? '').split(':').some((dir) => existsSync(`${dir}/redis-server`));
      const both = [
        examineSlack(slack.mode, secrets, process.env['SLACK_API_URL']),
        examineRedis(secrets.REDIS_URL, existsSync(own) ? own : undefined, hasServer),
      ];
      return (await Promise.all(both)).flat();
    },
    async serve({ roles: words, listen }, config, inventory, reread) {
      const [{ serve }, { parseRoles }] = await Promise.all([import('./serve/serve.ts'), import('./serve/roles.ts')]);
      const roles = parseRoles(words) ?? [];
      const { env, stderr: stream, version, signal } = world;
      const ssh = await poolOptions(config);
      const told = await serve({ config, kinds, roles, listen, inventory, reread, ssh, env, stream, version, signal });
      // What was begun and is not waited for any more, such as a call to Slack, keeps nobody waiting.
      setTimeout(() => process.exit(), LEFT_BEHIND_MS).unref();
      return told;
    },
    async openChanges(config, writer) {
      const [{ openChangeTools }, { readSecrets }] = await Promise.all([
        import('./serve/open-change-tools.ts'),
        import('./secrets.ts'),
      ]);
      return openChangeTools(readSecrets(process.env), await kinds.kinds(), config, writer);
    },
    addKnownHosts: async (file) => (await import('#ssh/add-known-hosts.ts')).addKnownHosts(file),
    catalogue: async () => (await import('./catalogue.ts')).loadDiagnoses(),
    sources: async () => (await import('#evidence/sources.ts')).SOURCES,
  };
  return world;
}

async function poolOptions({ ssh }: Config): Promise<PoolOptions> {
  const { askPassphrase } = await import('./cli/ask-passphrase.ts');
  return {
    ...ssh,
    agentSocket: agentSocket(ssh.agent),
    passphrase: process.env['TCP_ONCALL_KEY_PASSPHRASE'],
    askPassphrase,
  };
}

function agentSocket(wanted: boolean): string | undefined {
  return wanted ? process.env['SSH_AUTH_SOCK'] : undefined;
}

/** package.json is beside src/, and beside dist/ in the package. */
function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}
