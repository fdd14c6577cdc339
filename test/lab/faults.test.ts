/** Every fault, provoked on a real host and checked over real SSH: found, and nothing else is. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliHere } from '../cli-here.ts';
import { keepEvidence } from './evidence.ts';
import { type Fault, faultName } from './fault.ts';
import { allFaults, findFault } from './fault-catalogue.ts';
import { type Lab, openLab } from './lab.ts';
import { hostNames } from './names.ts';
import { takeTurns } from './take-turns.ts';

/** Most of a check is waiting: so many faults at a time, each on hosts of its own. */
const AT_ONCE = 2;
const HOSTS_PER_FAULT = 4;

const plain = hostNames(AT_ONCE * HOSTS_PER_FAULT);
const special = hostNames(plain.length + 3).slice(plain.length);
const [busybox = '', bash = '', full = ''] = special;
const stages = Array.from({ length: AT_ONCE }, (_, i) => plain.slice(i * HOSTS_PER_FAULT, (i + 1) * HOSTS_PER_FAULT));
const subjects = stages.map(([subject = '']) => subject);
const faults = await allFaults();
let lab: Lab;

interface Finding {
  readonly id: string;
  readonly severity: string;
}

beforeAll(async () => {
  const variants = { [busybox]: 'busybox', [bash]: 'bash', [full]: 'full' } as const;
  lab = await openLab({ name: `t${process.pid.toString(36)}f`, hosts: plain.length + special.length, variants });
  const config = await readFile(lab.paths.config, 'utf8');
  await writeFile(configOf('guest'), config.replaceAll('user: ops', 'user: guest'));
});
afterAll(() => lab?.close());

describe.sequential('a healthy host', () => {
  for (const user of ['ops', 'guest'] as const)
    it(`has nothing wrong with it, as ${user} sees it`, async () => {
      const hosts = [...subjects, ...special];
      await inTurn(hosts, (host) => hasNothingWrong(host, user));
    }, 120_000);
});

describe.sequential('a fault', () => {
  const stagesInTurn = takeTurns(stages);

  describe.concurrent('', () => {
    it.each(faults.map((fault) => [faultName(fault), fault] as const))(
      '%s',
      async (_, fault) => {
        const stage = await stagesInTurn.take();
        try {
          await findsExactly(fault, stage);
        } finally {
          await lab.heal(stage[0]);
          stagesInTurn.giveBack(stage);
        }
      },
      480_000,
    );
  });
});

// What /proc alone can tell: there is no ss, no perl, no sudo, and sh and awk are busybox's.
describe.sequential('a busybox host without ss', () => {
  it.each(['ephemeral-port-exhaustion-per-destination/crit', 'accept-queue-slow-accept/stalled', 'close-wait-leak'])(
    '%s is found there too',
    async (name) => {
      const fault = await findFault(name);
      await lab.provoke(fault, busybox, subjects);
      const { findings, evidence } = await check(busybox, 'ops');
      await lab.heal(busybox);
      expect(findings, evidence.dir).toContainEqual({ id: fault.id, severity: fault.expects.severity });
      await evidence.drop();
    },
    120_000,
  );
});

describe.sequential('a healed host', () => {
  it('has nothing wrong with it any more', async () => {
    await inTurn(subjects, (host) => hasNothingWrong(host, 'ops'));
  }, 120_000);
});

async function hasNothingWrong(host: string, user: 'ops' | 'guest'): Promise<void> {
  const { findings, evidence } = await check(host, user);
  expect(findings, `${host}, ${evidence.dir}`).toEqual([]);
  await evidence.drop();
}

async function findsExactly(fault: Fault, [subject = '', ...others]: readonly string[]): Promise<void> {
  const { id, expects } = fault;
  await lab.provoke(fault, subject, others);
  const strangersIn = (findings: readonly Finding[]) =>
    findings.filter((one) => one.id !== id && !expects.alsoAllowed?.includes(one.id));
  const { status, findings, evidence } = await check(subject, 'ops');
  expect(findings, evidence.dir).toContainEqual({ id, severity: expects.severity });
  expect(strangersIn(findings), evidence.dir).toEqual([]);
  expect(status).toBe(findings.some(({ severity }) => severity !== 'info') ? 1 : 0);
  await evidence.drop();
}

function configOf(user: 'ops' | 'guest'): string {
  return user === 'ops' ? lab.paths.config : join(lab.paths.dir, `${user}.yaml`);
}

async function check(host: string, user: 'ops' | 'guest') {
  const evidence = await keepEvidence(host);
  const options = ['--config', configOf(user), '--json', '--interval', '2', '--raw', evidence.dir];
  const { status, stdout, stderr } = await cliHere(['check', host, ...options]);
  if ((status !== 0 && status !== 1) || stdout === '')
    throw new Error(`check ${host} ended with ${status}: ${stderr}${stdout}`);
  const { verdicts } = JSON.parse(stdout) as { verdicts: readonly (Finding & { verdict: string })[] };
  const findings = verdicts
    .filter(({ verdict }) => verdict === 'found')
    .map(({ id, severity }): Finding => ({ id, severity }));
  return { status, findings, evidence };
}

/** Like Promise.all over `items`, a few at a time. */
async function inTurn<T, R>(items: readonly T[], job: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const next = items.entries();
  const worker = async () => {
    for (const [index, item] of next) results[index] = await job(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
