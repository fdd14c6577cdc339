/** What people do in a random history: they propose, approve, decide, and look at old cards. */
import { approve } from '#app/approve.ts';
import { deny, withdraw } from '#app/deny.ts';
import { type Asking, propose } from '#app/propose.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { review } from '#app/review.ts';
import { unlock } from '#app/unlock.ts';
import { wish } from '#app/wish.ts';
import { boundOf, hashOf } from '#change/bound.ts';
import type { AnyKind } from '#change/kind.ts';
import { signApproval } from '#change/signature.ts';
import { type Change, type ChangeId, isOver, trialOf, WISHES } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import { KERNEL_KIND } from '#kinds/kernel/kind.ts';
import type { KernelPlan } from '#kinds/kernel/plan.ts';
import { planOf, KIND as SYSCTL_KIND, stepOf } from '../example-change.ts';
import { FOUR_GATES_KIND, type FourGatesPlan } from '../four-gates/kind.ts';
import { ADMIN, APPROVERS, BUILDER, HOSTS, PEOPLE, PRIVATE_KEYS } from './people.ts';
import { KINDS, nowIn, type Scene } from './scene.ts';
import { start } from './tasks.ts';
import { type Tools, toolsOf } from './tools.ts';

type Person = (typeof PEOPLE)[number];

/** Mostly one that is open. */
export function pickChange({ memory, random }: Scene): Change | undefined {
  const all = [...memory.changes.values()];
  const open = all.filter((each) => !isOver(each));
  if (open.length > 0 && random.chance(0.9)) return random.pick(open);
  return all.length > 0 ? random.pick(all) : undefined;
}

export async function proposeSomething(scene: Scene): Promise<void> {
  const { memory, random } = scene;
  const host = random.pick(HOSTS);
  const hasOne = [...memory.changes.values()].some((each) => each.host === host && !isOver(each));
  if (hasOne && random.chance(0.95)) return;
  const asking = askingOf(scene, random.pick(PEOPLE));
  const run = 'bbbbbbbb' as CheckId;
  const target = { host, hostKey: `SHA256:${host}` };
  const hosts = { target, builder: { host: BUILDER, hostKey: `SHA256:${BUILDER}` } };
  const wanted = { ...somePlan(scene, host), run, hosts, reverts: null, unready: null };
  await start(scene, `propose ${host}`, async (task) => {
    task.breaker = asking.breakGlass ? asking.requester : null;
    await propose(wanted, asking, toolsOf(scene, task));
  });
}

function somePlan({ random, isLong }: Scene, host: string) {
  const risk = random.chance(0.5) ? 'low' : 'high';
  if (random.chance(isLong ? 0.9 : 0.2)) return { kind: KERNEL_KIND, plan: kernelPlan(host, random.chance(0.3)) };
  if (!random.chance(0.5)) {
    const steps = [stepOf('net.ipv4.tcp_tw_reuse'), stepOf('net.ipv4.tcp_fin_timeout')];
    return { kind: SYSCTL_KIND, plan: planOf({ host, steps }) };
  }
  const plan: FourGatesPlan = { host, builder: BUILDER, risk, what: risk === 'low' ? 'hello-1.0' : 'hello-2.0' };
  return { kind: FOUR_GATES_KIND, plan };
}

function kernelPlan(host: string, isMissing: boolean): KernelPlan {
  return {
    host,
    builder: BUILDER,
    risk: 'high',
    seconds: 15,
    recipe: 'deb',
    release: '6.1.0-42-amd64',
    arch: 'x86_64',
    source: { package: 'linux-source-6.1', version: '6.1.192-3', url: null },
    config: 'running',
    configSha: 'd'.repeat(64),
    modules: [],
    missing: isMissing ? ['bc'] : [],
    facts: {},
  };
}

function askingOf(scene: Scene, { actor, person }: Person): Asking {
  const { random, seed } = scene;
  scene.proposals += 1;
  return {
    key: `${seed} ${scene.proposals}`,
    requester: actor,
    person,
    revertMinutes: random.chance(0.3) ? 1 + random.int(15) : null,
    reason: 'ports run out',
    breakGlass: random.chance(0.15),
    card: null,
  };
}

export async function takeSomethingBack(scene: Scene): Promise<void> {
  const { memory, random } = scene;
  const kept = [...memory.changes.values()].filter(({ state }) => state.kind === 'ended' && state.end.how === 'done');
  if (kept.length === 0) return;
  const { id } = random.pick(kept);
  const asking = askingOf(scene, random.pick(PEOPLE));
  await start(scene, `take back ${id}`, async (task) => {
    task.breaker = asking.breakGlass ? asking.requester : null;
    await proposeRevert(id, asking, toolsOf(scene, task));
  });
}

export async function pressApprove(scene: Scene): Promise<void> {
  const { random, presses } = scene;
  const shown = shownCard(scene);
  if (shown === undefined || shown.state.kind !== 'waiting') return;
  const { id } = shown;
  const kind = KINDS.get(shown.kind) as AnyKind;
  const text = boundOf(kind, shown, shown.state.gate) ?? '';
  const narrowed = random.chance(0.15) ? narrowedOf(scene, shown) : undefined;
  const who = random.pick(random.chance(0.8) ? APPROVERS : PEOPLE);
  const approved = (narrowed && lessOf(kind, shown, narrowed)) ?? text;
  const signature = signatureOf(scene, who.actor, approved);
  presses.push({ by: who.actor, text: approved, signature, at: scene.hasJumped ? null : nowIn(scene) });
  const seen = { seen: hashOf(text), trial: trialOf(shown) !== undefined, signature };
  const given = { ...who, ...seen, ...(narrowed && { narrowed }) };
  await start(scene, `approve ${id} by ${who.actor.id}`, (task) => approve(id, given, toolsOf(scene, task)));
}

/** An old card may still be on somebody's screen. */
function shownCard(scene: Scene): Change | undefined {
  const { memory, random } = scene;
  if (random.chance(0.9)) return pickChange(scene);
  return memory.seen.length > 0 ? random.pick(memory.seen) : undefined;
}

/** Most sign where the policy wants it, who have a key. */
function signatureOf({ policy, random }: Scene, { id }: Actor, text: string): string | null {
  const key = PRIVATE_KEYS.get(id);
  const isWanted = policy.rules[0]?.outsideSlack === true && random.chance(0.8);
  return key !== undefined && isWanted ? signApproval(text, key) : null;
}

interface Narrowed {
  readonly parts: readonly string[];
  readonly revertMinutes: number;
}

function narrowedOf({ random }: Scene, { plan, revertMinutes }: Change): Narrowed {
  const what = 'what' in plan ? [String(plan.what)] : 'seconds' in plan ? [] : ['net.ipv4.tcp_tw_reuse'];
  return { parts: what, revertMinutes: Math.max(1, revertMinutes - random.int(3)) };
}

/** The text of what somebody approves who leaves something out. */
function lessOf(kind: AnyKind, shown: Change, { parts, revertMinutes }: Narrowed): string | undefined {
  const plan = kind.narrow(shown.plan, parts);
  return plan && shown.state.kind === 'waiting'
    ? boundOf(kind, { ...shown, plan, revertMinutes }, shown.state.gate)
    : undefined;
}

type Act = (id: ChangeId, who: Person, tools: Tools) => Promise<unknown>;

async function act(scene: Scene, name: string, what: Act): Promise<void> {
  const change = pickChange(scene);
  if (change === undefined) return;
  const who = scene.random.pick(PEOPLE);
  await start(scene, `${name} ${change.id} by ${who.actor.id}`, (task) => what(change.id, who, toolsOf(scene, task)));
}

export const pressDeny = (scene: Scene) => act(scene, 'deny', (id, who, tools) => deny(id, who, 'no', tools));

export const pressWithdraw = (scene: Scene) => act(scene, 'withdraw', withdraw);

export const pressReview = (scene: Scene) => act(scene, 'review', review);

/** For a trial to be reverted, prolonged or the like. */
export const pressWish = (scene: Scene) =>
  act(scene, 'wish', (id, who, tools) => wish(id, scene.random.pick(WISHES), who, tools));

/** An admin ends what will never be known, after a look at the host. */
export async function lookAfterUnclear(scene: Scene): Promise<void> {
  const { memory, late, tasks, lost } = scene;
  const unclear = [...memory.changes.values()].find(({ state }) => state.kind === 'unclear');
  if (unclear === undefined || late.length > 0 || tasks.length > 0) return;
  lost.add(unclear.reverts ?? unclear.id).add(unclear.id);
  await start(scene, `unlock ${unclear.host}`, (task) => {
    const policy = { ...task.policy, admins: { users: [ADMIN.actor.id], userGroups: [] } };
    return unlock(unclear.host, ADMIN, { ...toolsOf(scene, task), policy });
  });
}
