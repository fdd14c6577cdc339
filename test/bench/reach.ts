/** What it costs to reach hosts by the system's ssh, against ssh2: a check, a bare run, and fifty hosts at once. */
import { readFileSync } from 'node:fs';
import { checkHost, judgeHere } from '#app/check-host.ts';
import { loadDiagnoses } from '#catalogue.ts';
import type { Host } from '#domain/host.ts';
import { SOURCES } from '#evidence/sources.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';
import { hostsBy, knownHosts, script, TRANSPORTS, type TransportKind, withPool } from '#lab/ssh-client.ts';
import type { Pool } from '#ssh/pool.ts';
import { type Figure, median } from './figure.ts';

const ROUNDS = 7;
const CROWD = 50;
/** The shortest that a check may have. */
const INTERVAL_S = 1;

export async function reach(): Promise<readonly Figure[]> {
  const sshd = await startSshd();
  try {
    const file = await knownHosts(sshd);
    // One each: ssh takes another ssh_config for another host.
    const hosts = { ssh2: hostsBy('ssh2')(sshd), openssh: hostsBy('openssh')(sshd) };
    const checks = await inTurn((transport) =>
      withPool({ knownHosts: [file] }, (pool) => timed(() => check(pool, hosts[transport]))),
    );
    const warm = await inTurn((transport) =>
      withPool({ knownHosts: [file] }, async (pool) => {
        await run(pool, hosts[transport]);
        return timed(() => check(pool, hosts[transport]));
      }),
    );
    const logins = await inTurn((transport) =>
      withPool({ knownHosts: [file] }, (pool) => timed(() => run(pool, hosts[transport]))),
    );
    const runs = await inTurn((transport) =>
      withPool({ knownHosts: [file] }, async (pool) => {
        await run(pool, hosts[transport]);
        return timed(() => run(pool, hosts[transport]));
      }),
    );
    return [
      compare('cold check, over openssh to over ssh2', 1.25, checks),
      compare('warm check, over openssh to over ssh2', 1.25, warm),
      compare('login and one command, over openssh to over ssh2', 6, logins),
      compare('one command on an open connection, over openssh to over ssh2', 1.25, runs),
      ...(await crowd(sshd, file)),
    ];
  } finally {
    await sshd.stop();
  }
}

type Samples = Readonly<Record<TransportKind, readonly number[]>>;

async function inTurn(sample: (transport: TransportKind) => Promise<number>): Promise<Samples> {
  const samples: Record<TransportKind, number[]> = { ssh2: [], openssh: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const transport of TRANSPORTS) samples[transport].push(await sample(transport));
  }
  return samples;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function run(pool: Pool, host: Host): Promise<void> {
  const { kind } = await pool.run(host, script(':'));
  if (kind !== 'exited') throw new Error(`The command ended as ${kind} over ${host.transport.kind}.`);
}

async function check(pool: Pool, host: Host): Promise<void> {
  const judge = judgeHere(SOURCES, loadDiagnoses());
  const tools = { run: pool.run, sources: SOURCES, judge, now: () => new Date() };
  const outcome = await checkHost({ host, interval: INTERVAL_S }, tools, {});
  if (outcome.kind === 'failed')
    throw new Error(`The check over ${host.transport.kind} failed: ${outcome.failure.kind}.`);
}

/** Fifty names for one sshd, none of them connected before; all must answer. */
async function crowd(sshd: LocalSshd, file: string): Promise<readonly Figure[]> {
  const taken: Record<TransportKind, { wall: number[]; cpu: number[] }> = {
    ssh2: { wall: [], cpu: [] },
    openssh: { wall: [], cpu: [] },
  };
  const many = (transport: TransportKind) =>
    Array.from({ length: CROWD }, (_, index) => hostsBy(transport)(sshd, { name: `web-${index}` }));
  const crowds = { ssh2: many('ssh2'), openssh: many('openssh') };
  for (let round = 0; round < 3; round++) {
    for (const transport of TRANSPORTS) {
      const before = cpuOfUs();
      const wall = await withPool({ knownHosts: [file] }, (pool) => timed(() => runAll(pool, crowds[transport])));
      taken[transport].wall.push(wall);
      taken[transport].cpu.push(cpuOfUs() - before);
    }
  }
  const { ssh2, openssh } = taken;
  return [
    compare(`${CROWD} hosts at once, over openssh to over ssh2: time`, 6, { ssh2: ssh2.wall, openssh: openssh.wall }),
    compare(`${CROWD} hosts at once, over openssh to over ssh2: CPU here`, 25, {
      ssh2: ssh2.cpu,
      openssh: openssh.cpu,
    }),
  ];
}

async function runAll(pool: Pool, hosts: readonly Host[]): Promise<void> {
  const results = await Promise.all(hosts.map((host) => pool.run(host, script('echo in'))));
  const failed = results.find(({ kind, stdout }) => kind !== 'exited' || stdout !== 'in\n');
  if (failed !== undefined) throw new Error(`Not all of ${CROWD} answered: ${JSON.stringify(failed)}`);
}

/** In milliseconds: of this process, and of the children that it has waited for, such as ssh until it is logged in. */
function cpuOfUs(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ticks = [11, 12, 13, 14].map((at) => Number(fields[at])).reduce((sum, value) => sum + value, 0);
  return ticks * MS_A_TICK;
}

/** USER_HZ is 100 on every Linux that Node.js runs on. */
const MS_A_TICK = 10;

function compare(what: string, limit: number, { ssh2, openssh }: Samples): Figure {
  const [ours, theirs] = [median(openssh), median(ssh2)];
  return { what, ratio: ours / theirs, limit, made: `${ours.toFixed(0)} ms / ${theirs.toFixed(0)} ms` };
}
