/** The terminal of a site, for tests: a real Redis, a configuration, the approver keys of its people. No bot, and no hosts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import type { ChangeTools } from '#app/change-ports.ts';
import type { RunOnHost } from '#app/ports.ts';
import { makeApproverKey } from '#change/signature.ts';
import type { ChangeId } from '#domain/change.ts';
import { openChangeTools } from '#serve/open-change-tools.ts';
import { KINDS } from '../bot/change-samples.ts';
import { cliHere } from '../cli-here.ts';
import { openRedisPlace } from './redis-place.ts';

export interface Site {
  /** Beside the keys, under `changes`. */
  readonly changes?: object;
  readonly slack?: object;
  /** Beside web-01. */
  readonly hosts?: object;
  /** What comes of a command on a host; without it there is no host. */
  readonly runOnHost?: RunOnHost;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
  readonly auditKey?: string | undefined;
  /** At a terminal, where this is typed. */
  readonly typed?: string;
  /** What somebody else does between what is shown and what is decided. */
  readonly between?: () => Promise<void>;
}

/** The first look at a change is what is shown. */
function interrupted(tools: ChangeTools, between: () => Promise<void> = async () => {}): ChangeTools {
  const { changes } = tools.store;
  let looks = 0;
  async function find(id: ChangeId) {
    looks += 1;
    if (looks === 2) await between();
    return changes.find(id);
  }
  return { ...tools, store: { ...tools.store, changes: { ...changes, find } } };
}

/** web-01 is in the group web; Alice, Bob and Eve have keys in `NAME.pem`. `usual`: what the policy says unless a test says otherwise. */
export async function openTerminal(usual: object) {
  const place = await openRedisPlace();
  const dir = await mkdtemp(join(tmpdir(), 'terminal-'));
  const config = join(dir, 'tcp-oncall.yaml');
  const people = { alice: makeApproverKey(), bob: makeApproverKey(), eve: makeApproverKey() };
  for (const [name, { privateKey }] of Object.entries(people)) await writeFile(join(dir, `${name}.pem`), privateKey);
  const keys = Object.fromEntries(
    Object.entries(people).map(([name, { publicKey }]) => [`U0${name.toUpperCase()}`, publicKey]),
  );

  async function run(words: readonly string[], site: Site = {}) {
    const { changes = {}, slack = {}, auditKey, typed, between, runOnHost, signal } = site;
    const hosts = { 'web-01': { address: '127.0.0.1', groups: ['web'] }, ...site.hosts };
    await writeFile(config, stringify({ hosts, slack, changes: { keys, ...usual, ...changes } }));
    const secrets = { REDIS_URL: `unix://${place.redis.options.path}`, AUDIT_KEY: auditKey };
    const placed = words.map((word) => (word.endsWith('.pem') ? join(dir, word) : word));
    return cliHere([...placed, '--config', config], {
      openChanges: async (...words) => interrupted(await openChangeTools(secrets, KINDS, ...words), between),
      ...(typed !== undefined && { stdin: terminalWith(typed) }),
      ...(runOnHost && { openPool: async () => poolOf(runOnHost) }),
      ...(signal && { signal }),
    });
  }

  return {
    redis: place.redis,
    people,
    run,
    /** Every record of the audit trail. */
    async recorded(site: Site = {}): Promise<readonly object[]> {
      const lines = (await run(['audit', 'export'], site)).stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as object);
    },
    async close() {
      await place.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function poolOf(run: RunOnHost) {
  const scanHostKeys = () => Promise.reject(new Error('There is no host here.'));
  return { run, scanHostKeys, loginMethod: async () => null, [Symbol.asyncDispose]: async () => {} };
}

function terminalWith(typed: string): NodeJS.ReadStream {
  const keys = new PassThrough();
  keys.write(typed);
  return Object.assign(keys, { isTTY: true, setRawMode: () => keys }) as unknown as NodeJS.ReadStream;
}
