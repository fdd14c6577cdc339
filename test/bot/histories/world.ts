/** A random history: people press, workers work and are killed, hosts come and go, clocks jump. The use cases are the real ones. */
import { type AdvanceTools, advance } from '#app/advance.ts';
import { approve } from '#app/approve.ts';
import type { ChangeTask } from '#app/change-ports.ts';
import type { DecideTools } from '#app/decide-ports.ts';
import { deny, withdraw } from '#app/deny.ts';
import { type Asking, type ProposeTools, propose } from '#app/propose.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { reconcileChanges } from '#app/reconcile.ts';
import { remindOfReview, review } from '#app/review.ts';
import { transition } from '#app/transition.ts';
import { unlock } from '#app/unlock.ts';
import { wish } from '#app/wish.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import { decide } from '#change/decide.ts';
import { type AnyKind, gatesOf, type Kinds } from '#change/kind.ts';
import type { Policy } from '#change/policy.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, type ChangeId, isOver, trialOf, WISHES } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import type { Command, CommandEnd, CommandResult } from '#domain/command.ts';
import type { Host, HostName } from '#domain/host.ts';
import { planOf, KIND as SYSCTL_KIND, stepOf } from '../example-change.ts';
import { FOUR_GATES_KIND, type FourGatesPlan } from '../four-gates/kind.ts';
import { forgeChange } from './forge.ts';
import {
  createHost,
  forget,
  type HostWatch,
  readOrder,
  reboot,
  type SimHost,
  standingOf,
  type Told,
  tell,
} from './hosts.ts';
import { allowedBy, lineOf, type Press } from './judge.ts';
import { ADMIN, APPROVERS, BUILDER, GROUPS, HOSTS, KEYS, PEOPLE, PRIVATE_KEYS, policyOf } from './people.ts';
import { createRandom } from './random.ts';
import { createMemory, must, write } from './store.ts';

const KINDS: Kinds = new Map([SYSCTL_KIND, FOUR_GATES_KIND].map((kind) => [kind.name, kind]));
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Of the rules of `people.ts`. */
const LONGEST_MINUTES = 30;

/** Something under way. It stops where another could come between, and may never go on. */
interface Task {
  readonly name: string;
  /** The change that a worker works on. */
  readonly subject: ChangeId | null;
  /** Who asks and begins alone. */
  breaker: Actor | null;
  readonly policy: Policy;
  /** The freezes that it read last, and when it began the work. */
  frozen: readonly string[];
  began: Date;
  /** The host that this work's change was for then: its groups have the rule. */
  ruled: string | null;
  alone: boolean;
  resume: (() => void) | undefined;
  parked: () => void;
}

interface Job {
  readonly id: ChangeId;
  readonly task: ChangeTask;
  readonly due: number;
}

export interface Counts {
  steps: number;
  begun: number;
  records: number;
  changes: number;
  waited: number;
  killed: number;
  readonly ends: Record<string, number>;
}

export interface World {
  readonly log: string[];
  readonly counts: Counts;
  run(steps: number): Promise<void>;
}

export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const memory = createMemory();
  const hosts = new Map([...HOSTS, BUILDER].map((name) => [name, createHost(name)]));
  const tasks: Task[] = [];
  const presses: Press[] = [];
  const jobs: Job[] = [];
  const queued = new Set<string>();
  const late: (() => void)[] = [];
  const log: string[] = [];
  const counts: Counts = { steps: 0, begun: 0, records: 0, changes: 0, waited: 0, killed: 0, ends: {} };
  /** What hosts have done of each change, by gate; and those that no host can say anything of any more. */
  const reached = new Map<string, Set<string>>();
  const lost = new Set<string>();
  /** Those whose host was told to cancel, or is down. */
  const cancelled = new Set<string>();
  /** Who began the work that is under way. To take back what was kept is told again by others. */
  const started = new Map<string, Task>();
  /** The change that a worker has begun itself: it goes by what it saw then, also when it stood still and others went on. */
  const begins = new Map<Task, string>();
  let [clock, skew] = [Date.parse('2026-11-27T03:00:00Z'), 0];
  let [policy, calm, proposals] = [policyOf(random), false, 0];
  let broken: unknown;
  let hasJumped = false;
  const mayForge = random.chance(0.1);
  const now = () => new Date(clock + skew);

  function pause(task: Task): Promise<void> | undefined {
    if (task.alone) return undefined;
    return new Promise((resolve) => {
      task.resume = resolve;
      task.parked();
    });
  }

  /** Runs until it is over, or stops somewhere. */
  function start(name: string, work: (task: Task) => Promise<unknown>, subject: ChangeId | null = null): Promise<void> {
    const task: Task = {
      name,
      subject,
      breaker: null,
      policy,
      frozen: [],
      began: now(),
      ruled: null,
      alone: calm || random.chance(0.6),
      resume: undefined,
      parked: () => {},
    };
    return new Promise((done) => {
      task.parked = done;
      tasks.push(task);
      work(task)
        .catch((error: unknown) => {
          broken ??= error;
        })
        .then(() => {
          const at = tasks.indexOf(task);
          if (at >= 0) tasks.splice(at, 1);
          task.parked();
        });
    });
  }

  function goOn(task: Task): Promise<void> {
    return new Promise((done) => {
      task.parked = done;
      const go = task.resume;
      task.resume = undefined;
      go?.();
    });
  }

  function toolsOf(task: Task): AdvanceTools & DecideTools & ProposeTools {
    return {
      changes: {
        async propose(change, entry) {
          await pause(task);
          const done = write(memory, null, change, entry);
          const text = boundOf(KINDS.get(change.kind) as AnyKind, change, 0) ?? '';
          if (task.breaker !== null) presses.push({ by: task.breaker, text, signature: null });
          return done === 'repeated' ? 'repeated' : 'done';
        },
        async commit(before, after, entry) {
          if (entry.event === 'start') {
            [task.began, task.ruled] = [new Date(entry.at), after.host];
            started.set(after.id, task);
            begins.set(task, after.id);
          }
          await pause(task);
          const done = write(memory, before, after, entry);
          if (done === 'done') log.push(`  ${task.name}: ${after.id} ${entry.event} -> ${entry.to}`);
          return done as 'done' | 'stale' | 'locked';
        },
        find: async (id) => memory.changes.get(id),
        active: async () => [...memory.changes.values()].filter((each) => !isOver(each)),
        ofHost: async (host) => [...memory.changes.values()].filter((each) => each.host === host).toReversed(),
        takerOf: async (id) => [...memory.changes.values()].findLast(({ reverts }) => reverts === id),
        recent: async () => [...memory.changes.values()].toReversed(),
        progressOf: async ({ id, state }) => (state.kind === 'working' ? (memory.progress.get(id) ?? '') : ''),
        async keepProgress({ id, revision }, line) {
          await pause(task);
          if (memory.changes.get(id)?.revision !== revision || memory.progress.get(id) === line) return false;
          memory.progress.set(id, line);
          return true;
        },
        lockOf: async (host) => memory.locks.get(host),
        unlock: async () => false,
      },
      freezes: {
        async list() {
          const list = [...memory.freezes.values()];
          task.frozen = list.map(({ group }) => group);
          await pause(task);
          return list;
        },
        freeze: async () => {},
        thaw: async () => false,
      },
      // What is shown nowhere has no card.
      cards: {} as ProposeTools['cards'],
      kinds: KINDS,
      queue: {
        async add(id, kind, key, delayMs = 0) {
          await pause(task);
          const name = `${id} ${kind} ${key}`;
          if (queued.has(name)) return;
          queued.add(name);
          jobs.push({ id, task: kind, due: clock + delayMs });
        },
      },
      announce: async () => {},
      run: (host, command) => runOn(task, host, command),
      word: () => 'w0rd',
      policy: task.policy,
      keys: KEYS,
      findHost: async (name) => hostOf(name),
      groupsOf: (name) => GROUPS[name] ?? [],
      now,
    };
  }

  function hostOf(name: string): Host {
    const groups = GROUPS[name] ?? [];
    return { name: name as HostName, address: name, port: 22, user: 'x', identityFiles: [], groups, jump: [] };
  }

  async function runOn(task: Task, { name }: Host, command: Command): Promise<CommandResult> {
    await pause(task);
    const host = hosts.get(name) as SimHost;
    const { hostKey = host.key } = command;
    if (!host.up && task.subject !== null) cancelled.add(task.subject);
    if (!host.up) return output('', { kind: 'unreachable', why: 'x' }, null);
    if (hostKey !== host.key)
      return output('', { kind: 'host-key-other', hop: name, fingerprint: host.key, wanted: hostKey }, host.key);
    const told = readOrder(command);
    checkOrder(task, host, told, command);
    if (task.subject !== null && ['cancel', 'status'].includes(told.verb)) cancelled.add(task.subject);
    const answer = send(task, host, told);
    await pause(task);
    return answer;
  }

  /** An order may be lost, come late, or be done with its answer lost. */
  function send(task: Task, host: SimHost, told: Told): CommandResult {
    const fate = calm ? 9 : random.int(10);
    const perform = () => tell(host, told, watch(task));
    if (fate === 0) return output('', { kind: 'connection-lost', why: 'x' }, host.key);
    if (fate === 1) late.push(perform);
    if (fate === 1) return output('', { kind: 'timed-out' }, host.key);
    const said = perform();
    log.push(`  ${host.name} <- ${told.verb} ${told.id}: ${said.replaceAll('\n', ' | ').replaceAll('w0rd ', '')}`);
    checkLength(host, told.id);
    return fate === 2
      ? output('', { kind: 'timed-out' }, host.key)
      : output(said, { kind: 'exited', code: 0 }, host.key);
  }

  function output(stdout: string, end: CommandEnd, hostKey: string | null): CommandResult {
    return { stdout, stderr: '', bytes: stdout.length, milliseconds: 1, hostKey, ...end };
  }

  /** The gate that an order begins the work of; undefined for any other order. */
  function beginningOf(
    { subject }: Task,
    { verb, id }: Told,
  ): { readonly change: Change; readonly gate: number } | undefined {
    const change = subject === null ? undefined : memory.changes.get(subject);
    if (change === undefined) return undefined;
    if (change.reverts !== null) return change.reverts === id ? { change, gate: 0 } : undefined;
    const gate = change.gates.findIndex(({ name }) => name === verb);
    return gate < 0 ? undefined : { change, gate };
  }

  /** No work is ordered without approvals for exactly it, nor before that of the gate before is done. */
  function checkOrder(task: Task, host: SimHost, told: Told, command: Command): void {
    const beginning = beginningOf(task, told);
    if (beginning === undefined) return;
    const { change, gate } = beginning;
    counts.begun += 1;
    const beginner = begins.get(task) === change.id ? task : (started.get(change.id) ?? task);
    const kind = KINDS.get(change.kind) as AnyKind;
    const spec = gatesOf(kind, change)[gate];
    const groups = GROUPS[beginner.ruled ?? change.host] ?? [];
    const reasons = textsOf(told, kind, change, gate).map((text) => {
      if (command.hostKey !== host.key || !describes(text, spec?.name ?? '', change, host, told))
        return `it is not of\n${text}`;
      return allowedBy({
        text,
        gate: spec ?? { name: '', trial: false },
        first: gate === 0,
        presses,
        policy: beginner.policy,
        frozen: beginner.frozen.some((group) => group === '*' || groups.includes(group)),
        began: beginner.began,
      });
    });
    must(reasons.includes(undefined), `${told.verb} ${told.id} was ordered though ${reasons[0]}`);
    const before = change.gates[gate - 1]?.name;
    holds(
      before === undefined || reached.get(change.id)?.has(before) === true,
      `${told.verb} ${told.id}: ${before} was skipped`,
    );
  }

  /** What an order is of: the text that the host gets; else that of the change, or of any press where the change was forged. */
  function textsOf(told: Told, kind: AnyKind, change: Change, gate: number): readonly string[] {
    if (told.text !== null) return [told.text];
    return memory.isForged ? [...new Set(presses.map(({ text }) => text))] : [boundOf(kind, change, gate) ?? ''];
  }

  /** Whether a text is of what this host is told. */
  function describes(text: string, gate: string, { id, reverts, kind }: Change, host: SimHost, told: Told): boolean {
    const wanted = {
      host: host.name,
      hostkey: host.key,
      change: id,
      kind,
      gate,
      reverts: reverts ?? '-',
      ...detailsOf(told),
    };
    return Object.entries(wanted).every(([name, value]) => lineOf(text, name) === value);
  }

  /** What runner.sh gets of the text; the helper gets all of it. */
  function detailsOf({ verb, rest, text }: Told): Readonly<Record<string, string>> {
    const [first = '', seconds = ''] = rest;
    if (text !== null || rest.length === 0) return {};
    return verb === 'build' ? { what: first } : { artefact: first, ...(verb === 'boot' && { revert: seconds }) };
  }

  function holds(what: boolean, why: string): void {
    must(memory.isForged || what, why);
  }

  function watch({ subject }: Task): HostWatch {
    return {
      now: clock,
      buildMs: 1000 + random.int(200) * SECOND,
      began: (host, work) => beganOn(subject, host, work),
    };
  }

  /** A host does work only for a change that is being worked on, and has the host to itself. */
  function beganOn(subject: ChangeId | null, host: SimHost, work: string): void {
    const change = subject === null ? undefined : memory.changes.get(subject);
    if (change === undefined) throw new Error(`${host.name} does ${work} for no change`);
    const { id, state } = change;
    const name = change.reverts === null ? work : (change.gates[0]?.name ?? '');
    reached.set(id, (reached.get(id) ?? new Set()).add(name));
    if (isGivenUp(change)) return;
    log.push(`  ${host.name} does ${work} of ${id}`);
    // Told to go back from its trial, which a late order has kept meanwhile.
    if (work === 'take-back' && change.reverts === null) {
      if (isOver(change)) lost.add(id);
      return;
    }
    holds(state.kind !== 'ended', `${host.name} does ${work} of ${id}, which is over`);
    holds(memory.locks.get(host.name)?.change === id, `${host.name} does ${work} of ${id}, which does not have it`);
  }

  /** Whatever is pressed, a trial lasts no longer than the most that any rule allows. */
  function checkLength(host: SimHost, id: string): void {
    const standing = host.changes.get(id);
    if (standing?.kind !== 'trial' || hasJumped) return;
    const minutes = (standing.until - standing.began) / MINUTE;
    holds(minutes <= LONGEST_MINUTES + 2, `${id} is on trial for ${minutes} min`);
  }

  /** What is true of it, and of what takes it back, is not what they say. */
  function isGivenUp({ id, reverts }: Pick<Change, 'id' | 'reverts'>): boolean {
    return lost.has(id) || (reverts !== null && lost.has(reverts));
  }

  const steps: readonly (readonly [number, () => Promise<void> | void])[] = [
    [8, proposeSomething],
    [2, takeSomethingBack],
    [30, pressApprove],
    [1, () => act('deny', (id, who, tools) => deny(id, who, 'no', tools))],
    [1, () => act('withdraw', (id, who, tools) => withdraw(id, who, tools))],
    [3, () => act('wish', (id, who, tools) => wish(id, random.pick(WISHES), who, tools))],
    [1, () => act('review', (id, who, tools) => review(id, who, tools))],
    [36, workOnce],
    [10, () => start('reconcile', (task) => reconcileChanges({ ...toolsOf(task), onTrouble: onTrouble }))],
    [20, goOnSomewhere],
    [3, killOne],
    [6, () => letTimePass(random.pick([1, 5, 20, 40, 80, 80, 120, 300]) * SECOND)],
    [2, () => late.shift()?.()],
    [1, jump],
    [1, changeFreezes],
    [1, changePolicy],
    [1, troubleHost],
    [1, lookAfterUnclear],
    [1, proveSomething],
    [1, forge],
  ];
  const total = steps.reduce((sum, [weight]) => sum + weight, 0);

  function pickStep(): () => Promise<void> | void {
    let weight = random.int(total);
    for (const [share, step] of steps) {
      weight -= share;
      if (weight < 0) return step;
    }
    throw new Error('The weights are wrong.');
  }

  function onTrouble(_: string, error: unknown): void {
    throw error;
  }

  function pickChange(): Change | undefined {
    const all = [...memory.changes.values()];
    const open = all.filter((each) => !isOver(each));
    if (open.length > 0 && random.chance(0.9)) return random.pick(open);
    return all.length > 0 ? random.pick(all) : undefined;
  }

  async function proposeSomething(): Promise<void> {
    const host = random.pick(HOSTS);
    const hasOne = [...memory.changes.values()].some((each) => each.host === host && !isOver(each));
    if (hasOne && random.chance(0.95)) return;
    const asking = askingOf(random.pick(PEOPLE));
    const run = 'bbbbbbbb' as CheckId;
    const target = { host, hostKey: `SHA256:${host}` };
    const hostsOf = { target, builder: { host: BUILDER, hostKey: `SHA256:${BUILDER}` } };
    const fourGates: FourGatesPlan = { host, builder: BUILDER, risk: random.chance(0.5) ? 'low' : 'high', what: '' };
    const plan = random.chance(0.5)
      ? { ...fourGates, what: fourGates.risk === 'low' ? 'hello-1.0' : 'hello-2.0' }
      : planOf({ host, steps: [stepOf('net.ipv4.tcp_tw_reuse'), stepOf('net.ipv4.tcp_fin_timeout')] });
    const kind = 'what' in plan ? FOUR_GATES_KIND : SYSCTL_KIND;
    const wanted = { kind, plan, run, hosts: hostsOf, reverts: null, unready: null };
    await start(`propose ${host}`, async (task) => {
      task.breaker = asking.breakGlass ? asking.requester : null;
      await propose(wanted, asking, toolsOf(task));
    });
  }

  function askingOf({ actor, person }: { readonly actor: Actor; readonly person: Asking['person'] }): Asking {
    proposals += 1;
    return {
      key: `${seed} ${proposals}`,
      requester: actor,
      person,
      revertMinutes: random.chance(0.3) ? 1 + random.int(15) : null,
      reason: 'ports run out',
      breakGlass: random.chance(0.15),
      card: null,
    };
  }

  async function takeSomethingBack(): Promise<void> {
    const kept = [...memory.changes.values()].filter(({ state }) => state.kind === 'ended' && state.end.how === 'done');
    if (kept.length === 0) return;
    const { id } = random.pick(kept);
    const asking = askingOf(random.pick(PEOPLE));
    await start(`take back ${id}`, async (task) => {
      task.breaker = asking.breakGlass ? asking.requester : null;
      await proposeRevert(id, asking, toolsOf(task));
    });
  }

  async function pressApprove(): Promise<void> {
    const shown = shownCard();
    if (shown === undefined || shown.state.kind !== 'waiting') return;
    const { id } = shown;
    const kind = KINDS.get(shown.kind) as AnyKind;
    const text = boundOf(kind, shown, shown.state.gate) ?? '';
    const narrowed = random.chance(0.15) ? narrowedOf(shown) : undefined;
    const who = random.pick(random.chance(0.8) ? APPROVERS : PEOPLE);
    const approved = (narrowed && lessOf(kind, shown, narrowed)) ?? text;
    const signature = signatureOf(who.actor, approved);
    presses.push({ by: who.actor, text: approved, signature });
    const seen = { seen: hashOf(text), trial: trialOf(shown) !== undefined, signature };
    const given = { ...who, ...seen, ...(narrowed && { narrowed }) };
    await start(`approve ${id} by ${who.actor.id}`, (task) => approve(id, given, toolsOf(task)));
  }

  /** An old card may still be on somebody's screen. */
  function shownCard(): Change | undefined {
    if (random.chance(0.9)) return pickChange();
    return memory.seen.length > 0 ? random.pick(memory.seen) : undefined;
  }

  /** Most sign where the policy wants it, who have a key. */
  function signatureOf({ id }: Actor, text: string): string | null {
    const key = PRIVATE_KEYS.get(id);
    const isWanted = policy.rules[0]?.outsideSlack === true && random.chance(0.8);
    return key !== undefined && isWanted ? signApproval(text, key) : null;
  }

  function narrowedOf({ plan, revertMinutes }: Change): {
    readonly parts: readonly string[];
    readonly revertMinutes: number;
  } {
    const what = 'what' in plan ? [String(plan.what)] : ['net.ipv4.tcp_tw_reuse'];
    return { parts: what, revertMinutes: Math.max(1, revertMinutes - random.int(3)) };
  }

  /** The text of what somebody approves who leaves something out. */
  function lessOf(
    kind: AnyKind,
    shown: Change,
    { parts, revertMinutes }: ReturnType<typeof narrowedOf>,
  ): string | undefined {
    const plan = kind.narrow(shown.plan, parts);
    return plan && shown.state.kind === 'waiting'
      ? boundOf(kind, { ...shown, plan, revertMinutes }, shown.state.gate)
      : undefined;
  }

  async function act(
    name: string,
    what: (id: ChangeId, who: (typeof PEOPLE)[number], tools: DecideTools) => Promise<unknown>,
  ): Promise<void> {
    const change = pickChange();
    if (change === undefined) return;
    const who = random.pick(PEOPLE);
    await start(`${name} ${change.id} by ${who.actor.id}`, (task) => what(change.id, who, toolsOf(task)));
  }

  async function workOnce(): Promise<void> {
    const due = jobs.filter((job) => job.due <= clock);
    if (due.length === 0) return;
    const job = random.pick(due);
    if (calm || random.chance(0.95)) jobs.splice(jobs.indexOf(job), 1);
    await start(`${job.task} ${job.id}`, (task) => work(job, task), job.id);
  }

  async function work({ id, task: what }: Job, task: Task): Promise<void> {
    const tools = toolsOf(task);
    if (what === 'remind') return remindOfReview(id, tools);
    if (what === 'prove') return prove(id, tools);
    const before = memory.changes.get(id);
    await advance(id, tools);
    if (task.alone && before?.state.kind === 'queued') checkWaits(id);
    const isCancelled =
      task.alone && before?.state.kind === 'working' && before.state.wish !== null && before.reverts === null;
    holds(!isCancelled || cancelled.has(id), `${id} was cancelled, and its host was not told`);
  }

  /** What is approved and finds its host taken is told by which change. */
  function checkWaits(id: ChangeId): void {
    const { state, gates } = memory.changes.get(id) as Change;
    if (state.kind !== 'queued') return;
    const holder = memory.locks.get(gates[state.gate]?.host ?? '')?.change;
    if (holder === undefined || holder === id) return;
    counts.waited += 1;
    holds(state.holder === holder, `${id} waits for ${holder}, and is told ${state.holder}`);
  }

  async function prove(id: ChangeId, tools: DecideTools): Promise<void> {
    const proof = { at: now(), after: {}, verdict: 'cured' } as const;
    await transition(id, { kind: 'proved', proof }, tools);
  }

  async function proveSomething(): Promise<void> {
    const change = pickChange();
    if (change !== undefined) await start(`prove ${change.id}`, (task) => prove(change.id, toolsOf(task)));
  }

  async function goOnSomewhere(): Promise<void> {
    const stopped = tasks.filter(({ resume }) => resume !== undefined);
    if (stopped.length > 0) await goOn(random.pick(stopped));
  }

  function killOne(): void {
    const stopped = tasks.filter(({ resume }) => resume !== undefined);
    if (stopped.length === 0) return;
    const task = random.pick(stopped);
    tasks.splice(tasks.indexOf(task), 1);
    counts.killed += 1;
    log.push(`  killed: ${task.name}`);
  }

  function letTimePass(ms: number): void {
    clock += ms;
  }

  function changePolicy(): void {
    policy = policyOf(random);
  }

  /** The clock of workers is set, forward or back. */
  function jump(): void {
    hasJumped = true;
    skew = random.pick([0, 0, 0, -90 * SECOND, 90 * SECOND, -40 * MINUTE, 40 * MINUTE]);
    log.push(`  clock off by ${skew / SECOND} s`);
  }

  function changeFreezes(): void {
    const group = random.pick(['web', 'db', '*']);
    if (memory.freezes.has(group) || random.chance(0.4)) memory.freezes.clear();
    else memory.freezes.set(group, { group, by: 'U0ADMIN', since: now() });
  }

  function troubleHost(): void {
    const host = random.pick([...hosts.values()]);
    const what = random.int(12);
    if (what < 4) host.up = !host.up;
    else if (what < 8) host.refuses = !host.refuses;
    else if (what < 11) reboot(host, clock);
    else {
      for (const id of host.changes.keys()) lost.add(id);
      forget(host);
    }
    log.push(`  ${host.name}: trouble ${what}`);
  }

  /** An admin ends what will never be known, after a look at the host. */
  async function lookAfterUnclear(): Promise<void> {
    const unclear = [...memory.changes.values()].find(({ state }) => state.kind === 'unclear');
    if (unclear === undefined || late.length > 0 || tasks.length > 0) return;
    lost.add(unclear.reverts ?? unclear.id).add(unclear.id);
    await start(`unlock ${unclear.host}`, (task) =>
      unlock(unclear.host, ADMIN, {
        ...toolsOf(task),
        policy: { ...task.policy, admins: { users: ['U0ADMIN'], userGroups: [] } },
      }),
    );
  }

  /** Somebody who can write to the store makes another change of one that people look at. */
  function forge(): void {
    const change = pickChange();
    if (change === undefined || isOver(change) || !mayForge) return;
    memory.isForged = true;
    const forged = forgeChange(change, random, [...memory.changes.values()]);
    log.push(`  forged: ${JSON.stringify(forged)}`);
    memory.changes.set(change.id, forged);
    if (forged.state.kind === 'queued') jobs.push({ id: change.id, task: 'advance', due: clock });
  }

  /** Whatever goes on, who may can send a trial back. */
  function checkWayBack(): void {
    for (const change of memory.changes.values()) {
      const trial = trialOf(change);
      if (trial === undefined || trial.wish !== null) continue;
      const back = decide(
        KINDS.get(change.kind) as AnyKind,
        change,
        { kind: 'wish', what: 'revert', by: ADMIN.actor },
        now(),
      );
      holds(back.kind === 'moved', `${change.id} is on trial and cannot be taken back`);
    }
  }

  /** Everything works again, and time passes: each change comes to an end, and what that says is true. */
  async function settle(): Promise<void> {
    if (memory.isForged) return;
    [calm, skew] = [true, 0];
    for (const perform of late.splice(0)) perform();
    tasks.splice(0);
    for (const host of hosts.values()) [host.up, host.refuses] = [true, false];
    for (let round = 0; round < 60 && !isSettled(); round++) {
      letTimePass(2 * MINUTE);
      await start('reconcile', (task) => reconcileChanges({ ...toolsOf(task), onTrouble }));
      for (const due = jobs.filter((job) => job.due <= clock); due.length > 0; ) {
        const job = due.shift() as Job;
        jobs.splice(jobs.indexOf(job), 1);
        await start(`${job.task} ${job.id}`, (task) => work(job, task), job.id);
      }
    }
    if (broken !== undefined) throw broken;
    for (const change of memory.changes.values()) checkEnd(change);
    for (const [host, { change }] of memory.locks) {
      const holder = memory.changes.get(change);
      holds(holder !== undefined && isGivenUp(holder), `${host} is still locked by ${change}`);
    }
  }

  function isSettled(): boolean {
    return [...memory.changes.values()].every((each) => isOver(each) || isGivenUp(each));
  }

  function checkEnd(change: Change): void {
    if (isGivenUp(change)) return;
    const { id, state, reverts, gates } = change;
    holds(state.kind === 'ended', `${id} never ends: ${JSON.stringify(state)}`);
    if (state.kind !== 'ended') return;
    const { how } = state.end;
    counts.ends[how] = (counts.ends[how] ?? 0) + 1;
    const host = hosts.get(gates.at(-1)?.host ?? '') as SimHost;
    const standing = standingOf(host, reverts ?? id, clock)?.kind ?? 'none';
    const takers = [...memory.changes.values()].filter((each) => each.reverts === id);
    const wasTaken = takers.some((each) => each.state.kind === 'ended' && each.state.end.how === 'done');
    if (reverts !== null)
      holds(how !== 'done' || standing === 'undone', `${id} has taken ${reverts} back, which is ${standing}`);
    else if (how === 'done')
      holds(standing === (wasTaken ? 'undone' : 'kept'), `${id} is done, and its host says ${standing}`);
    else holds(!['trial', 'kept'].includes(standing), `${id} is ${how}, and its host says ${standing}`);
  }

  return {
    log,
    counts,
    async run(length) {
      for (let at = 0; at < length; at++) {
        await pickStep()();
        if (broken !== undefined) throw broken;
        checkWayBack();
        letTimePass(random.int(4) * SECOND);
      }
      await settle();
      counts.steps += length;
      counts.records += memory.records;
      counts.changes += memory.changes.size;
    },
  };
}
