/** The command line in this process: all of it but the start of node, which would cost most of a test that checks often. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { loadDiagnoses, loadKindCards, loadKinds } from '#catalogue.ts';
import { SOURCES } from '#evidence/sources.ts';
import { addKnownHosts } from '#ssh/add-known-hosts.ts';
import { createPool } from '#ssh/pool.ts';
import { createSurroundings } from '#ssh/surroundings.ts';
import { runCli } from '../src/cli/program.ts';
import type { World } from '../src/cli/world.ts';
import type { Ended } from './e2e/cli-process.ts';

/** `more`: what the command may open; without it hosts and nothing else, no Redis, no Slack, no terminal. */
export async function cliHere(args: readonly string[], more: Partial<World> = {}): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const status = await runCli(args, { ...WORLD, ...more, stdout: asStream(stdout), stderr: asStream(stderr) });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { status, stdout: out, stderr: err };
}

const WORLD: Omit<World, 'stdout' | 'stderr'> = {
  stdin: process.stdin,
  kinds: { kinds: loadKinds, cards: loadKindCards },
  env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8' },
  version: '0.0.0',
  signal: new AbortController().signal,
  surroundings: async ({ ssh: { knownHosts } }) => createSurroundings({ knownHosts, agentSocket: undefined }),
  openPool: async ({ ssh }) => createPool({ ...ssh, agentSocket: undefined, passphrase: undefined }),
  addKnownHosts: async (file) => addKnownHosts(file),
  catalogue: loadDiagnoses,
  sources: async () => SOURCES,
  examine: () => Promise.reject(new Error('There is no Slack here.')),
  openChanges: () => Promise.reject(new Error('There is no Redis here.')),
  serve: () => Promise.reject(new Error('There is no Redis here.')),
};

/** What is written to is not a terminal. */
function asStream(sink: PassThrough): NodeJS.WriteStream {
  return sink as unknown as NodeJS.WriteStream;
}
