/** How fast the chain of a long audit trail is walked, by the command that people type. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '#store/private-redis.ts';
import { PROGRAM } from '../built.ts';
import { type Figure, median } from './figure.ts';
import { writeTrail } from './long-trail.ts';

const execute = promisify(execFile);
const RECORDS = 200_000;
const ROUNDS = 5;
const RECORDS_A_SECOND = 50_000;

export async function auditVerify(): Promise<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'audit-verify-'));
  const redis = await startPrivateRedis(dir);
  const connection = new Redis({ path: join(dir, 'redis.sock') });
  try {
    const records = await writeTrail(connection, RECORDS);
    const config = join(dir, 'tcp-oncall.yaml');
    await writeFile(config, 'hosts:\n  web-01: { address: 127.0.0.1 }\n');
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) seconds.push(await verify(records, config, redis.url));
    const rate = records / median(seconds);
    return {
      what: `${thousands(RECORDS_A_SECOND)} records a second, to those of \`tcp-oncall audit verify\` over ${thousands(records)}, its start included`,
      ratio: RECORDS_A_SECOND / rate,
      limit: 1,
      made: `${thousands(RECORDS_A_SECOND)} : ${thousands(rate)}; ${median(seconds).toFixed(2)} s in all`,
    };
  } finally {
    connection.disconnect();
    await redis.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Seconds, from typing the command to its end. */
async function verify(records: number, config: string, url: string): Promise<number> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', REDIS_URL: url };
  const began = performance.now();
  const { stdout } = await execute(process.execPath, [PROGRAM, 'audit', 'verify', '--config', config], { env });
  if (!stdout.includes(String(records)) || !stdout.includes('the chain is intact'))
    throw new Error(`The chain does not hold: ${stdout}`);
  return (performance.now() - began) / 1000;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
