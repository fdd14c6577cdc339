/** A day's checks in a row: what the process and Redis hold before and after. Hosts answer at once; reports are kept briefly. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { freePort } from '#lab/free-port.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { startServe } from '../bot/serve-process.ts';
import { keepBusy } from './crowd.ts';
import type { Figure } from './figure.ts';
import { startRecordedHosts } from './recorded-hosts.ts';

const RUNS = 10_000;
const HOSTS = 50;
const PORTION = 250;
/** So that what is kept on purpose is gone when the second look is taken. */
const KEPT_SECONDS = 30;
const REMEMBERED = '{tcp-oncall}:seen:';
const REMEMBERED_MS = 10 * 60_000;
const PROBE = fileURLToPath(new URL('heap-probe.mjs', import.meta.url));

interface Held {
  readonly heapUsed: number;
  readonly handles: number;
  /** Without what is remembered for ten minutes so that it is not done twice. */
  readonly keys: number;
  readonly remembered: number;
}

export async function soak(): Promise<readonly Figure[]> {
  const recorded = await startRecordedHosts(HOSTS);
  await using slack = await startLocalSlack();
  const probe = await freePort();
  const serve = await startServe({
    hosts: recorded.config,
    config: { serve: { checks: HOSTS }, reports: { keep: `${KEPT_SECONDS}s` } },
    env: { ...slackEnvironment(slack), HEAP_PROBE_PORT: String(probe), LOG_LEVEL: 'warn' },
    node: ['--expose-gc', '--import', PROBE],
  });
  const redis = new Redis({ path: `${serve.stateDir}/redis/redis.sock` });
  try {
    await slack.until(({ connected }) => connected);
    // Caches fill and code is compiled in the first runs.
    for (let done = 0; done < RUNS / 10; done += PORTION) await portion();
    const before = await look();
    for (let done = 0; done < RUNS; done += PORTION) await portion();
    const after = await look();
    return [
      figure(
        `heap of \`serve\` after ${RUNS} checks, to that before`,
        1.1,
        after.heapUsed / before.heapUsed,
        `${mb(after.heapUsed)} : ${mb(before.heapUsed)}`,
      ),
      figure('open handles, the same', 1.1, after.handles / before.handles, `${after.handles} : ${before.handles}`),
      figure(
        'keys in Redis, the same',
        1.1,
        after.keys / before.keys,
        `${after.keys} : ${before.keys}, and ${after.remembered} commands remembered for ten minutes`,
      ),
    ];
  } finally {
    redis.disconnect();
    await serve.stop();
    await recorded.stop();
  }

  async function portion(): Promise<void> {
    await keepBusy(slack, recorded.names, PORTION);
    slack.forget();
  }

  async function look(): Promise<Held> {
    await sleep((KEPT_SECONDS + 35) * 1000);
    const answer = await fetch(`http://127.0.0.1:${probe}`);
    const { heapUsed, handles } = (await answer.json()) as Held;
    return { heapUsed, handles, ...(await keysInRedis()) };
  }

  async function keysInRedis() {
    const all: string[] = await redis.keys('*');
    const lives = await Promise.all(all.filter((key) => key.startsWith(REMEMBERED)).map((key) => redis.pttl(key)));
    const remembered = lives.filter((ms) => ms > 0 && ms <= REMEMBERED_MS).length;
    return { keys: all.length - remembered, remembered };
  }
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function figure(what: string, limit: number, ratio: number, made: string): Figure {
  return { what, ratio, limit, made };
}
