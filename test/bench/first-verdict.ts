/** How soon the first verdicts are there: against the OpenSSH client running the same script, and against a bare exec. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { checkHost, judgeHere } from '#app/check-host.ts';
import { loadDiagnoses } from '#catalogue.ts';
import { SOURCES } from '#evidence/sources.ts';
import { buildCollector } from '#host/collector.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';
import { hostOf, knownHosts, withPool } from '#lab/ssh-client.ts';
import type { Pool } from '#ssh/pool.ts';
import { type Figure, median } from './figure.ts';

const ROUNDS = 11;
const BOUNDARY = 'tcp-oncall-0123456789abcdef';
/** The interval is waited after the first sample; one second keeps the rounds short. */
const SCRIPT = buildCollector({ sources: SOURCES, intervalSeconds: 1, limitSeconds: 10, boundary: BOUNDARY });
const FIRST_SAMPLE = `${BOUNDARY} done 1`;

export async function firstVerdict(): Promise<readonly Figure[]> {
  const sshd = await startSshd();
  try {
    const file = await knownHosts(sshd);
    return [await cold(sshd, file), await warm(sshd, file)];
  } finally {
    await sshd.stop();
  }
}

/** A new connection each time, both ways in turn. */
async function cold(sshd: LocalSshd, file: string): Promise<Figure> {
  const [ours, openssh]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await withPool({ knownHosts: [file] }, (pool) => untilFirstReport(pool, sshd)));
    openssh.push(await untilFirstSampleOfOpenssh(sshd, file));
  }
  return figure(
    'cold: connect to first verdict, to first sample of `ssh host sh -s` with the same script',
    0.9,
    ours,
    openssh,
  );
}

/** One connection, kept open, for each way. */
async function warm(sshd: LocalSshd, file: string): Promise<Figure> {
  const [ours, bare]: [number[], number[]] = [[], []];
  const client = new ssh2.Client();
  client.connect({
    host: '127.0.0.1',
    port: sshd.port,
    username: sshd.user,
    privateKey: await readFile(sshd.identity),
    hostVerifier: () => true,
  });
  await once(client, 'ready');
  await withPool({ knownHosts: [file] }, async (pool) => {
    await untilFirstReport(pool, sshd);
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await untilFirstReport(pool, sshd));
      bare.push(await untilFirstSampleOfExec(client));
    }
  });
  client.end();
  return figure(
    'warm: first verdict on a pooled connection, to first sample of a bare exec on an open one',
    1.15,
    ours,
    bare,
  );
}

/** Milliseconds until the first report; resolves when the run has ended. */
async function untilFirstReport({ run }: Pool, sshd: LocalSshd): Promise<number> {
  const began = performance.now();
  let first = Number.NaN;
  const tools = {
    run,
    sources: SOURCES,
    judge: judgeHere(SOURCES, loadDiagnoses()),
    now: () => new Date(),
  };
  const watcher = { onFirstReport: () => (first = performance.now() - began) };
  const outcome = await checkHost({ host: hostOf(sshd), interval: 1 }, tools, watcher);
  if (outcome.kind === 'failed') throw new Error(`The check failed: ${outcome.failure.kind}.`);
  return first;
}

async function untilFirstSampleOfOpenssh(sshd: LocalSshd, file: string): Promise<number> {
  const options = ['-F', '/dev/null', '-o', `UserKnownHostsFile=${file}`, '-o', 'BatchMode=yes', '-i', sshd.identity];
  const began = performance.now();
  const child = spawn('ssh', [...options, '-p', String(sshd.port), `${sshd.user}@127.0.0.1`, 'sh', '-s'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.end(SCRIPT);
  const ended = once(child, 'close');
  const first = await untilFirstSample(child.stdout, began);
  await ended;
  return first;
}

function untilFirstSampleOfExec(client: ssh2.Client): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    client.exec('sh -s', (error, channel) => {
      if (error) return reject(error);
      const first = untilFirstSample(channel, began);
      channel.stderr.resume();
      channel.on('close', () => resolve(first));
      channel.end(SCRIPT);
    });
  });
}

async function untilFirstSample(stream: NodeJS.ReadableStream, began: number): Promise<number> {
  let text = '';
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes(FIRST_SAMPLE)) resolve(performance.now() - began);
    });
    stream.on('close', () => reject(new Error('The script ended before its first sample.')));
  });
}

function figure(what: string, limit: number, ours: readonly number[], theirs: readonly number[]): Figure {
  const [a, b] = [median(ours), median(theirs)];
  return { what, ratio: a / b, limit, made: `${a.toFixed(0)} ms : ${b.toFixed(0)} ms` };
}
