/** Every fix, on real hosts: what it writes through the helper over SSH cures the fault it is for, and the fault is back when it is reverted. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Goal, Measures, Plan } from '#domain/plan.ts';
import { setUpForChanges } from '../bot/changes.ts';
import { endActors } from './actor.ts';
import type { Fault, Role } from './fault.ts';
import { findFault } from './fault-catalogue.ts';
import { counted, ORPHANS, OUT_OF_PORTS, RESETS, SILENT_DROPS } from './fix-faults.ts';
import { type Checked, type Fixer, openFixer, type Trial } from './fixer.ts';
import { CONF } from './helper-on-host.ts';
import { type Lab, openLab } from './lab.ts';
import { hostNames } from './names.ts';
import { counter, live, queueOf, TALLY, tally, timers } from './observe.ts';
import { takeTurns } from './take-turns.ts';

/** Most of a trial is waiting: so many at a time, each on hosts of its own. */
const PAIRS = 3;
const names = hostNames(PAIRS * 2 + 4);
const pairs = Array.from({ length: PAIRS }, (_, i) => names.slice(i * 2, i * 2 + 2));
const four = names.slice(PAIRS * 2);
const stages = { pair: takeTurns(pairs), four: takeTurns([four]) };
/** With a turn to wait for before. */
const LONGEST_MS = 480_000;
/** Under way at once, and seen when the machine has time. */
const SOON = { interval: 400 };
/** What FIN_WAIT_2 takes to pile up, or to leave. */
const A_PILE = { interval: 2000 };
const FIN_WAIT_2 = 5;

/** Fixes that came to a plan or a refusal in some test. */
const shown = new Set<string>();
let lab: Lab;
let fixer: Fixer;

beforeAll(async () => {
  lab = await openLab({ name: `t${process.pid.toString(36)}x`, hosts: names.length });
  await Promise.all([...pairs, four].map(([subject = '']) => setUpForChanges(lab, subject)));
  fixer = await openFixer(lab);
});
afterAll(async () => {
  await fixer?.[Symbol.asyncDispose]();
  await lab?.close();
});

interface Stage extends AsyncDisposable {
  readonly subject: string;
  /** Resolves with who plays which part. */
  readonly provoke: (fault: Fault) => Promise<(role: Role) => string>;
}

/** Hosts of one's own, healed afterwards. */
async function takeStage(size: keyof typeof stages = 'pair'): Promise<Stage> {
  const hosts = await stages[size].take();
  const [subject = '', ...others] = hosts;
  return {
    subject,
    async provoke(fault) {
      const { cast } = await lab.provoke(fault, subject, others);
      return (role) => cast.get(role)?.name ?? '';
    },
    async [Symbol.asyncDispose]() {
      await lab.heal(subject);
      stages[size].giveBack(hosts);
    },
  };
}

/** Rejects, with what was read kept, when one of these is not found. */
async function checkFinds(host: string, ids: readonly string[]): Promise<Checked> {
  const checked = await fixer.check(host);
  const missed = ids.filter((id) => !checked.found.includes(id));
  if (missed.length > 0) throw new Error(`${missed.join(', ')} not found on ${host}: see ${await checked.keep()}`);
  return checked;
}

/** The plans of fixes, from one check that found what they are for. */
async function plansFor(host: string, fault: Fault): Promise<(id: string) => Plan> {
  const { proposal } = await checkFinds(host, [fault.id]);
  return (id) => {
    const proposed = proposal(id);
    if (proposed.kind !== 'plan') throw new Error(`${id} on ${host}: ${JSON.stringify(proposed)}`);
    expect(proposed.cures).toContain(fault.id);
    shown.add(id);
    return proposed.plan;
  };
}

async function planFor(host: string, id: string, fault: Fault): Promise<Plan> {
  return (await plansFor(host, fault))(id);
}

/** Reverts, and expects every value to be what it was before. */
async function revert(plan: Plan, trial: Trial): Promise<void> {
  await trial.revert();
  const values = await Promise.all(plan.steps.map(({ key }) => live(lab, plan.host, key)));
  expect(values).toEqual(plan.steps.map(({ from }) => from));
}

function numberIn(measures: Measures, name: string): number {
  const value = measures[name]?.value;
  return typeof value === 'number' ? value : Number.NaN;
}

function isMet({ number, wants, value }: Goal, measures: Measures): boolean {
  const now = numberIn(measures, number);
  return wants === 'at-most' ? now <= value : now > value;
}

interface Cure {
  readonly fault: Fault;
  /** A kernel counter that grows while the fault is there. */
  readonly counts: string;
  readonly fixes: readonly {
    readonly id: string;
    /** What has to come to its goal, and was away from it before. */
    readonly number: string;
    /** The diagnosis is still found: its cause is another setting. */
    readonly stays?: true;
  }[];
}

const CURES: readonly Cure[] = [
  {
    fault: await findFault('time-wait-bucket-overflow'),
    counts: 'TcpExt.TCPTimeWaitOverflow',
    fixes: [{ id: 'raise-tw-buckets', number: 'overflows' }],
  },
  {
    fault: SILENT_DROPS,
    counts: 'TcpExt.ListenDrops',
    fixes: [
      { id: 'enable-syncookies', number: 'dropped' },
      { id: 'raise-syn-backlog', number: 'dropped', stays: true },
    ],
  },
  {
    fault: RESETS,
    counts: 'TcpExt.EmbryonicRsts',
    fixes: [{ id: 'disable-abort-on-overflow', number: 'reset' }],
  },
];

describe.concurrent('a fix', { timeout: LONGEST_MS }, () => {
  // The longest first: the others are tried meanwhile.
  it('shorten-fin-wait-2: those that wait keep their time, and the pile shrinks as they leave', async ({ expect }) => {
    await using stage = await takeStage();
    await stage.provoke(ORPHANS);
    const orphans = async () => (await timers(lab, stage.subject, 3306)).filter(({ state }) => state === FIN_WAIT_2);
    const youngest = async () => Math.max(...(await orphans()).map(({ seconds }) => seconds));
    // As many come as go.
    await expect.poll(async () => (await orphans()).some(({ seconds }) => seconds < 2), A_PILE).toBe(true);
    const plan = await planFor(stage.subject, 'shorten-fin-wait-2', ORPHANS);
    await using trial = await fixer.apply(plan);
    const goal = plan.goals[0]?.value ?? 0;
    expect((await orphans()).length).toBeGreaterThan(goal);
    expect(await youngest()).toBeGreaterThan(20.1);
    await expect.poll(youngest, SOON).toBeLessThan(20.1);
    await expect.poll(async () => (await orphans()).length, A_PILE).toBeLessThan(goal);
    expect((await fixer.prove(plan)).verdict).toBe('cured');
    await revert(plan, trial);
    await expect.poll(youngest, SOON).toBeGreaterThan(28);
  });

  it('disable-rfc1337: clients behind one address get in again', async ({ expect }) => {
    await using stage = await takeStage('four');
    const fault = counted(await findFault('paws-nat-tuple-reuse'));
    const late = (await stage.provoke(fault))('peer');
    const plan = await planFor(stage.subject, 'disable-rfc1337', fault);
    const givenUp = async () => (await tally(lab, late)).failed['GIVEN_UP'] ?? 0;
    await expect.poll(givenUp, SOON).toBeGreaterThan(5);
    await using trial = await fixer.apply(plan);
    const before = await tally(lab, late);
    const cured = await fixer.prove(plan);
    expect([cured.verdict, numberIn(plan.before, 'misset'), numberIn(cured.after, 'misset')]).toEqual(['cured', 1, 0]);
    const connected = async () => (await tally(lab, late)).connected;
    // Two rounds of its 24 connections: each attempt of before has been given up by then. After that none is any more.
    await expect.poll(connected, SOON).toBeGreaterThan(before.connected + 48);
    const settled = await tally(lab, late);
    await expect.poll(connected, SOON).toBeGreaterThan(settled.connected + 24);
    expect(await givenUp()).toBe(settled.failed['GIVEN_UP']);
    await revert(plan, trial);
  });

  it('reserve-listener-ports: a service gets its port back when it restarts', async ({ expect }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    const fault = await findFault('listener-inside-ephemeral-range/stolen');
    const peer = (await stage.provoke(fault))('peer');
    await lab.actor(peer, 'listen', { ports: '3307' });
    // 42000 is gone already; 42002 has its service still.
    const plan = await planFor(subject, 'reserve-listener-ports', fault);
    expect(plan.steps.map(({ to }) => to)).toEqual(['42002']);
    await using trial = await fixer.apply(plan);
    const cured = await fixer.prove(plan);
    expect([cured.verdict, numberIn(plan.before, 'exposed'), numberIn(cured.after, 'exposed')]).toEqual([
      'cured',
      1,
      0,
    ]);
    await endActors(lab.host(subject));
    // All of the 40 that connect() gives out.
    const { connected, failed } = await lab.actor(subject, 'connect', {
      to: lab.host(peer).address,
      ports: '3307',
      count: 40,
    });
    expect([connected, failed]).toEqual([39, { EADDRNOTAVAIL: 1 }]);
    expect(await lab.actor(subject, 'listen', { ports: '42002' })).toMatchObject({ listening: '42002' });
    await revert(plan, trial);
  });

  it('widen-local-port-range reserves the listeners that the wider range takes in, and gives both back', async ({
    expect,
  }) => {
    await using stage = await takeStage();
    const fault = await findFault('ephemeral-half-used-slow-connect');
    await stage.provoke(fault);
    await lab.actor(stage.subject, 'listen', { ports: '50000' });
    const plan = await planFor(stage.subject, 'widen-local-port-range', fault);
    expect(plan.steps.map(({ key, to }) => [key, to])).toEqual([
      ['net.ipv4.ip_local_reserved_ports', '50000'],
      ['net.ipv4.ip_local_port_range', '10240 65535'],
    ]);
    await using trial = await fixer.apply(plan);
    const cured = await fixer.prove(plan);
    expect([cured.verdict, cured.found]).toEqual(['cured', []]);
    expect(numberIn(plan.before, 'share')).toBe(0.6);
    expect(numberIn(cured.after, 'share')).toBeLessThan(0.01);
    await revert(plan, trial);
  });

  it('shorten-conntrack-timeouts: new entries live for half as long, and ports held by live connections stay so', async ({
    expect,
  }) => {
    await using stage = await takeStage('four');
    const { subject } = stage;
    const fault = await findFault('snat-source-port-exhaustion');
    const playing = await stage.provoke(fault);
    await lab.actor(playing('peer'), 'listen', { ports: '3307,3308,3309' });
    /**
     * Closes a connection through the gateway. What looks at its entry later: the seconds left, and those it began with.
     * Only one for each port of the peer: where source ports are few, a new connection may take an entry in TIME_WAIT over.
     */
    const entry = async (port: number) => {
      const began = performance.now();
      await lab.actor(playing('client'), 'connect', { to: '10.79.0.1', ports: String(port), count: 1, after: 'close' });
      await expect.poll(() => entriesTo(subject, port), SOON).toHaveLength(1);
      return async () => {
        const [left = Number.NaN, ...others] = await entriesTo(subject, port);
        expect(others).toEqual([]);
        return { left, full: left + (performance.now() - began) / 1000 };
      };
    };
    const plan = await planFor(subject, 'shorten-conntrack-timeouts', fault);
    expect(plan.goals.map(({ number }) => number)).toEqual(['failed']);
    const early = await entry(3307);
    await using trial = await fixer.apply(plan);
    const proof = await fixer.prove(plan);
    expect([proof.verdict, proof.found.includes(fault.id)]).toEqual(['no-effect', true]);
    // Whole seconds are told.
    expect((await early()).full).toBeGreaterThan(118);
    const late = await entry(3308);
    expect((await late()).left).toBeLessThanOrEqual(60);
    await revert(plan, trial);
    const last = await entry(3309);
    expect((await last()).full).toBeGreaterThan(118);
  });

  it('reuse-time-wait-ports: the client itself meets no EADDRNOTAVAIL 2 s later', async ({ expect }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    await stage.provoke(OUT_OF_PORTS);
    const plan = await planFor(subject, 'reuse-time-wait-ports', OUT_OF_PORTS);
    expect(numberIn(plan.before, 'recycled')).toBe(0);
    const before = await tally(lab, subject);
    await using trial = await fixer.apply(plan);
    const applied = Date.now();
    const cured = await fixer.prove(plan);
    expect(cured.verdict).toBe('cured');
    await expect.poll(async () => (await tally(lab, subject)).connected, SOON).toBeGreaterThan(before.connected + 200);
    const after = await tally(lab, subject);
    expect(before.failed['EADDRNOTAVAIL']).toBeGreaterThan(100);
    expect((after.lastFailed['EADDRNOTAVAIL'] ?? 0) - applied).toBeLessThan(2000);
    // What the fix says of itself: there are no fewer of them.
    expect(numberIn(cured.after, 'timeWait')).toBeGreaterThan(150);
    await revert(plan, trial);
    const failed = async () => (await tally(lab, subject)).failed['EADDRNOTAVAIL'] ?? 0;
    await expect.poll(failed, SOON).toBeGreaterThan((after.failed['EADDRNOTAVAIL'] ?? 0) + 100);
  });

  it('raise-somaxconn: nothing changes until the service calls listen() again', async ({ expect }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    const fault = counted(await findFault('accept-queue-overflow-somaxconn'));
    const client = (await stage.provoke(fault))('client');
    // Attempts that wait pile up until the first is given up: from then on the numbers stay what they are.
    await expect.poll(async () => (await tally(lab, client)).failed['GIVEN_UP'] ?? 0, SOON).toBeGreaterThan(0);
    const restart = async () => {
      await endActors(lab.host(subject));
      for (const step of fault.steps)
        if (step.kind === 'actor' && step.run === 'listen') await lab.actor(subject, step.run, step.args);
    };
    const plan = await planFor(subject, 'raise-somaxconn', fault);
    expect(plan.facts['port']).toMatchObject({ value: 8080 });
    await using trial = await fixer.apply(plan);
    const waiting = await fixer.prove(plan);
    expect([waiting.verdict, numberIn(waiting.after, 'cap')]).toEqual(['no-effect', 8]);
    expect(numberIn(waiting.after, 'overflows')).toBeGreaterThan(0);
    await restart();
    const cured = await fixer.prove(plan);
    expect([cured.verdict, numberIn(cured.after, 'cap'), numberIn(cured.after, 'overflows')]).toEqual([
      'cured',
      1024,
      0,
    ]);
    await revert(plan, trial);
    expect(await queueOf(lab, subject, 8080)).toBe(1024);
    await restart();
    expect(await queueOf(lab, subject, 8080)).toBe(8);
  });

  it('restore-timestamps on the peer: ports are taken over again, and run out when it is reverted', async ({
    expect,
  }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    const fault = await findFault('tw-reuse-ineffective-no-timestamps');
    const peer = (await stage.provoke(fault))('peer');
    await lab.actor(peer, 'listen', { ports: '3307' });
    const { proposal } = await checkFinds(subject, [fault.id]);
    expect(proposal('restore-timestamps')).toMatchObject({ kind: 'refused', why: 'already' });
    await setUpForChanges(lab, peer);
    const proposed = (await fixer.check(peer)).proposal('restore-timestamps');
    if (proposed.kind !== 'plan') throw new Error(JSON.stringify(proposed));
    shown.add('restore-timestamps');
    const { plan } = proposed;
    await using trial = await fixer.apply(plan);
    const load = { to: lab.host(peer).address, every: 100, after: 'close', tally: TALLY };
    // 56 ports are left: without reuse, enough for 2 s.
    await lab.actor(subject, 'connect', { ...load, ports: '3306', batch: 3 });
    const proof = await fixer.prove(plan);
    expect([proof.verdict, numberIn(proof.after, 'misset')]).toEqual(['cured', 0]);
    await expect.poll(() => counter(lab, subject, 'TcpExt.TWRecycled'), SOON).toBeGreaterThan(60);
    expect((await tally(lab, subject)).failed).toEqual({});
    await revert(plan, trial);
    await endActors(lab.host(subject));
    // Ports to 3306 still know the timestamps of before; to 3307 none has been used yet.
    await lab.actor(subject, 'connect', { ...load, ports: '3307', batch: 10 });
    const failed = async () => (await tally(lab, subject)).failed['EADDRNOTAVAIL'] ?? 0;
    await expect.poll(failed, SOON).toBeGreaterThan(20);
  });

  it('tune-keepalive: new connections are probed after 120 s, and those of before keep their timer', async ({
    expect,
  }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    const fault = await findFault('keepalive-vs-nat-idle-timeout');
    await stage.provoke(fault);
    /** Seconds left to the keepalive timers, of all connections. */
    const open = async (): Promise<readonly number[]> => {
      const pool = { to: '203.0.113.10', ports: '3306', count: 20, after: 'hold', keepAlive: 'kernel' };
      await lab.actor(subject, 'connect', pool);
      return (await timers(lab, subject, 3306)).map(({ seconds }) => seconds).filter((seconds) => seconds > 0);
    };
    expect(await open()).toHaveLength(20);
    const plan = await planFor(subject, 'tune-keepalive', fault);
    await using trial = await fixer.apply(plan);
    const left = await open();
    expect(left.filter((seconds) => seconds > 7000)).toHaveLength(20);
    expect(left.filter((seconds) => seconds <= 120)).toHaveLength(20);
    // No connection has been idle for 120 s yet.
    const proof = await fixer.prove(plan);
    expect([proof.verdict, numberIn(proof.after, 'probes')]).toEqual(['no-effect', 0]);
    await revert(plan, trial);
    expect((await open()).filter((seconds) => seconds > 7000)).toHaveLength(40);
  });

  it('align-persisted-sysctl: the file is written when the change is kept, and gone when it is reverted', async ({
    expect,
  }) => {
    await using stage = await takeStage();
    const { subject } = stage;
    const fault = await findFault('sysctl-drift/unapplied');
    await stage.provoke(fault);
    const plan = await planFor(subject, 'align-persisted-sysctl', fault);
    const kept = async () => (await lab.exec(subject, ['grep', '-v', '^#', CONF])).stdout;
    await using trial = await fixer.apply(plan);
    expect([(await fixer.prove(plan)).verdict, await kept()]).toEqual(['no-effect', '']);
    await trial.keep();
    expect(await kept()).toBe('net.ipv4.tcp_fin_timeout = 60\n');
    const cured = await fixer.prove(plan);
    expect([cured.verdict, cured.found]).toEqual(['cured', []]);
    await revert(plan, trial);
    expect(await kept()).toBe('');
    expect((await fixer.prove(plan)).found).toContain(fault.id);
  });

  it.for(CURES.map((cure) => [cure.fixes.map(({ id }) => id).join(' and '), cure.fault.id, cure] as const))(
    '%s: %s ends, and is back when it is reverted',
    async ([, , { fault, counts, fixes }], { expect }) => {
      await using stage = await takeStage();
      await stage.provoke(fault);
      const count = () => counter(lab, stage.subject, counts);
      await expect.poll(count, SOON).not.toBe(0);
      const planOf = await plansFor(stage.subject, fault);
      for (const { id, number, stays = false } of fixes) {
        const plan = planOf(id);
        const goals = plan.goals.filter((goal) => goal.number === number);
        expect(goals.map((goal) => isMet(goal, plan.before))).toEqual([false]);
        await using trial = await fixer.apply(plan);
        const { verdict, after, found } = await fixer.prove(plan);
        expect([verdict, goals.map((goal) => isMet(goal, after))]).toEqual(['cured', [true]]);
        expect(found.includes(fault.id)).toBe(stays);
        await revert(plan, trial);
        const before = await count();
        await expect.poll(count, SOON).toBeGreaterThan(before);
      }
    },
  );
});

/** Seconds left to the connection tracking entries in TIME_WAIT towards a port. */
async function entriesTo(host: string, port: number): Promise<readonly number[]> {
  const list = await lab.exec(host, ['conntrack', '-L', '-p', 'tcp', '--orig-port-dst', String(port)]);
  return [...list.stdout.matchAll(/^tcp +6 (\d+) TIME_WAIT/gm)].map(([, seconds]) => Number(seconds));
}

const has = (key: string) => existsSync(`/proc/sys/net/ipv4/${key}`);

interface Refusals {
  /** All on one host. */
  readonly faults: readonly string[];
  readonly on: keyof typeof stages;
  /** What fixes that would not help there say instead of a plan. */
  readonly says: Readonly<Record<string, string>>;
}

const REFUSALS: readonly Refusals[] = [
  { faults: ['conntrack-table-full'], on: 'four', says: { 'raise-conntrack-max': 'hosts-own' } },
  {
    faults: ['syn-queue-overflow', 'tw-recycle-enabled'],
    on: 'pair',
    says: {
      'raise-syn-backlog': 'no-effect-here',
      'enable-syncookies': 'already',
      'disable-tw-recycle': has('tcp_tw_recycle') ? 'already' : 'no-key',
      'restore-time-wait-length': has('tcp_tw_timeout') ? 'already' : 'no-key',
    },
  },
  {
    faults: [
      'sysctl-drift/contradicted',
      'accept-queue-overflow-app-backlog/stuck',
      'keepalive-vs-nat-idle-timeout/idle',
      'ephemeral-port-exhaustion-per-destination/crit',
    ],
    on: 'four',
    says: {
      'align-persisted-sysctl': 'not-needed',
      'raise-somaxconn': 'application-limits',
      'tune-keepalive': 'no-so-keepalive',
      'reuse-time-wait-ports': 'timestamps-not-seen',
    },
  },
];

describe.concurrent('a fix that would not help', { timeout: LONGEST_MS }, () => {
  it.for(REFUSALS.map((each) => [each.faults.join(', '), each] as const))('is refused: %s', async ([, refusals]) => {
    const { faults, on, says } = refusals;
    await using stage = await takeStage(on);
    const provoked = await Promise.all(faults.map(findFault));
    for (const fault of provoked) await stage.provoke(fault);
    const ids = provoked.map(({ id }) => id);
    const { proposal } = await checkFinds(stage.subject, ids);
    const refused = Object.keys(says).map((id) => proposal(id));
    expect(refused).toMatchObject(Object.entries(says).map(([fix, why]) => ({ kind: 'refused', fix, why })));
    for (const id of Object.keys(says)) shown.add(id);
  });
});

it('none is left out', () => {
  expect([...shown].toSorted()).toEqual(fixer.fixes.map(({ id }) => id));
});
