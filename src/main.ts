#!/usr/bin/env node
/** The composition root: hands the commands what only it may open, and turns their answer into an exit status. */
import { readFileSync } from 'node:fs';
import { STATUS } from './cli/failure.ts';
import { runCli } from './cli/program.ts';
import type { World } from './cli/world.ts';

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
  async openPool({ ssh }) {
    const [{ createPool }, { askPassphrase }] = await Promise.all([
      import('#ssh/pool.ts'),
      import('./cli/ask-passphrase.ts'),
    ]);
    return createPool({
      ...ssh,
      agentSocket: ssh.agent ? process.env['SSH_AUTH_SOCK'] : undefined,
      passphrase: process.env['TCP_ONCALL_KEY_PASSPHRASE'],
      askPassphrase,
    });
  },
  addKnownHosts: async (file) => (await import('#ssh/add-known-hosts.ts')).addKnownHosts(file),
  catalogue: async () => (await import('#catalogue.ts')).loadDiagnoses(),
  sources: async () => (await import('#evidence/sources.ts')).SOURCES,
};

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
