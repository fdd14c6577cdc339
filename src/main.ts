#!/usr/bin/env node
/** The composition root: hands the commands what only it may open, and turns their answer into an exit status. */
import { existsSync, readFileSync } from 'node:fs';
import { STATUS } from './cli/failure.ts';
import { runCli } from './cli/program.ts';
import type { World } from './cli/world.ts';
import type { Config } from './config.ts';
import type { PoolOptions } from './ssh/pool.ts';

const LEFT_BEHIND_MS = 300;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second time, the default: somebody who presses Ctrl-C twice does not want to wait.
  process.once(signal, () => interrupt.abort());
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `| head` has seen enough.
    if (error.code === 'EPIPE') process.exit(process.exitCode);
    process.stderr.write(`tcp-oncall: The answer cannot be written: ${error.message}.\n`);
    process.exit(STATUS.unchecked);
  });
}

const world: World = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  version: version(),
  signal: interrupt.signal,
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
    const told = await serve({ config, roles, listen, inventory, reread, ssh, env, stream, version, signal });
    // What was begun and is not waited for any more, such as a call to Slack, keeps nobody waiting.
    setTimeout(() => process.exit(), LEFT_BEHIND_MS).unref();
    return told;
  },
  async openChanges(config, writer) {
    const [{ openChangeTools }, { readSecrets }] = await Promise.all([
      import('./serve/open-change-tools.ts'),
      import('./secrets.ts'),
    ]);
    return openChangeTools(readSecrets(process.env), config, writer);
  },
  addKnownHosts: async (file) => (await import('#ssh/add-known-hosts.ts')).addKnownHosts(file),
  catalogue: async () => (await import('#catalogue.ts')).loadDiagnoses(),
  sources: async () => (await import('#evidence/sources.ts')).SOURCES,
};

async function poolOptions({ ssh }: Config): Promise<PoolOptions> {
  const { askPassphrase } = await import('./cli/ask-passphrase.ts');
  return {
    ...ssh,
    agentSocket: ssh.agent ? process.env['SSH_AUTH_SOCK'] : undefined,
    passphrase: process.env['TCP_ONCALL_KEY_PASSPHRASE'],
    askPassphrase,
  };
}

process.exitCode = await runCli(process.argv.slice(2), world);

/** package.json is beside src/, and beside dist/ in the package. */
function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}
