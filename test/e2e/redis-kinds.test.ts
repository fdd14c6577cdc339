/** Redis behind Sentinel and as a Cluster: the store and both queues do what they do with one server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#app/new-id.ts';
import { must } from '#lab/command.ts';
import { freePort } from '#lab/free-port.ts';
import { VITAL_KEYS } from '#queue/key-types.ts';
import { STOP_CHANNEL } from '#queue/names.ts';
import { openAnnouncer, openCheckQueue } from '#queue/queues.ts';
import { startCardWorker, startCheckWorker } from '#queue/workers.ts';
import { connectRedis, untilConnected } from '#store/connect-redis.ts';
import { askRedisHealth } from '#store/redis-health.ts';
import { parseRedisUrl } from '#store/redis-url.ts';
import { createStore } from '#store/store.ts';

const PASSWORD = 'only-for-this-test';

let dir: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'redis-kinds-'));
});
afterAll(async () => {
  await Promise.all(started.map((child) => end(child)));
  await rm(dir, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'close');
}

async function start(name: string, lines: readonly string[], ...more: string[]): Promise<void> {
  const file = join(dir, `${name}.conf`);
  await writeFile(file, ['bind 127.0.0.1', `dir ${dir}`, ...lines, ''].join('\n'));
  const child = spawn('redis-server', [file, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('close', (status) => reject(new Error(`redis-server ${name} ended with status ${status}.`)));
    child.stdout.on('data', (text: Buffer) => {
      if (/Ready to accept connections|Sentinel ID|monitor master/.test(text.toString())) resolve();
    });
  });
}

const redisCli = (port: number, ...words: string[]) => must(['redis-cli', '-p', String(port), ...words]);

async function cluster(): Promise<string> {
  const port = await freePort();
  await start('cluster', [
    `port ${port}`,
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    'cluster-announce-ip 127.0.0.1',
    'appendonly yes',
    'appenddirname cluster',
  ]);
  await redisCli(port, 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await expect.poll(() => redisCli(port, 'CLUSTER', 'INFO')).toMatch(/cluster_state:ok/);
  return `redis-cluster://127.0.0.1:${port}`;
}

async function sentinel(): Promise<string> {
  const [port, watcher] = [await freePort(), await freePort()];
  await start('master', [`port ${port}`, `requirepass ${PASSWORD}`, 'appendonly yes', 'appenddirname master']);
  const watch = [`sentinel monitor mymaster 127.0.0.1 ${port} 1`, `sentinel auth-pass mymaster ${PASSWORD}`];
  await start('sentinel', [`port ${watcher}`, ...watch], '--sentinel');
  return `redis-sentinel://:${PASSWORD}@127.0.0.1:${watcher}/mymaster`;
}

describe.each([
  ['Sentinel', sentinel],
  ['Cluster', cluster],
] as const)('%s', (kind, prepare) => {
  it('keeps a run, queues it, has it run, stopped and shown', async () => {
    const place = parseRedisUrl(await prepare());
    if (place === undefined) throw new Error('The address has no known form.');
    const errors: Error[] = [];
    const onError = (error: Error) => void errors.push(error);
    const [surface, waiting] = [connectRedis(place, 'surface', onError), connectRedis(place, 'worker', onError)];
    await Promise.all([untilConnected(surface, 5000), untilConnected(waiting, 5000)]);
    expect(await askRedisHealth(surface, VITAL_KEYS)).toMatchObject({ recent: true, appendOnly: true });
    const { runs } = createStore(surface, 60_000);
    const askedAt = new Date();
    const deadline = new Date(askedAt.getTime() + 60_000);
    const { run } = await runs.begin({
      id: newId(kind),
      next: null,
      host: 'web-01',
      interval: 5,
      actor: { surface: 'slack', id: 'U1' },
      askedAt,
      deadline,
    });
    const queue = openCheckQueue({ connection: surface, onError });
    const announcer = openAnnouncer({ connection: surface, onError });
    let sayStopped = () => {};
    let shown = false;
    const hasStopped = new Promise<void>((resolve) => {
      sayStopped = resolve;
    });
    const worker = startCheckWorker({
      connection: waiting,
      concurrency: 2,
      onError,
      runOne: async (id, _mayTryAgain, signal) => {
        await runs.take(id);
        signal.addEventListener('abort', sayStopped);
        await announcer.announce({ kind: 'check', id }, 'now');
        await hasStopped;
      },
    });
    const cards = startCardWorker({
      connection: waiting,
      onError,
      reconcile: async () => {},
      tellFreeze: async () => {},
      present: async ({ id }) => {
        shown ||= id === run.id;
      },
    });
    await queue.add(run);
    await expect.poll(() => shown).toBe(true);
    expect(await queue.counts()).toMatchObject({ active: 1, workers: 1 });
    expect(await queue.standing(run.id)).toBe('running');
    // A stop reaches only workers that listen already.
    await expect.poll(() => surface.pubsub('NUMSUB', STOP_CHANNEL)).toEqual([STOP_CHANNEL, 1]);
    await queue.stop(run.id);
    await hasStopped;
    expect((await runs.find(run.id))?.attempt).toBe(1);
    await Promise.all([worker.drain(2000), cards.drain(2000)]);
    await Promise.all([queue.close(), announcer.close()]);
    surface.disconnect();
    waiting.disconnect();
    expect(errors.filter(({ message }) => !/closed/.test(message))).toEqual([]);
  });
});
