/** Does in a world what a story of steps says, each by another process. */

import { adminEntry } from '#app/admin.ts';
import { advance } from '#app/advance.ts';
import { approve as approveGate } from '#app/approve.ts';
import type { ChangeTask } from '#app/change-ports.ts';
import { type Decider, shownHash } from '#app/decide-ports.ts';
import { deny, withdraw } from '#app/deny.ts';
import { proposeFix } from '#app/propose-fix.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { prove } from '#app/prove.ts';
import { reconcileChanges } from '#app/reconcile.ts';
import { remindOfReview, review } from '#app/review.ts';
import { wish } from '#app/wish.ts';
import { type ChangeId, isOver } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import { isSysctl } from '#kinds/sysctl/kind.ts';
import { planOf, saveReport } from './change-plans.ts';
import { BOB, GROUPS_OF } from './change-rules.ts';
import { LIVES, type Round, type Step, WORK } from './change-steps.ts';
import type { Wire } from './change-wire.ts';
import type { ChangeWorld } from './change-world.ts';
import { UNREACHABLE } from './command-results.ts';
import { deciderOf, personOf } from './example-change.ts';
import { type ChangeTools, type Fate, spawn } from './mortal-process.ts';

export interface Stage {
  readonly play: (round: Round) => Promise<void>;
  /** Processes that stand still go on; the next round waits for them. */
  readonly wake: () => void;
}

export function createStage(world: ChangeWorld): Stage {
  const { turns } = world;
  let stirring: Promise<unknown>[] = [];
  let asleep: Promise<unknown>[] = [];
  let [woken, wake] = alarm();
  let serial = 0;

  /** One process does `work`, or as much of it as its fate lets it. */
  function act(work: (tools: ChangeTools) => Promise<unknown>, its: Fate = LIVES, wireFate: Wire = 'fine') {
    const process = spawn(world, its, wireFate, woken);
    const done = work(process.tools);
    if (its.kind === 'stalls') asleep.push(done);
    return process.until(done);
  }

  function chosen(index: number): ChangeId | undefined {
    return world.changes.at(-1 - index);
  }

  async function begin(step: Step): Promise<void> {
    switch (step.does) {
      case 'propose':
        return propose(step);
      case 'approve':
        return repeat(step.times, () => approve(step));
      case 'deny':
        return onChange(step, (id, tools) => deny(id, decider(step.who), 'no', tools));
      case 'withdraw':
        return onChange(step, (id, tools) => withdraw(id, decider(step.who), tools));
      case 'review':
        return onChange(step, (id, tools) => review(id, decider(step.who), tools));
      case 'end':
        return repeat(step.times, () => onChange(step, (id, tools) => end(id, step, tools)));
      case 'work':
        return doTask(step.fate, step.wire);
      case 'reconcile':
        return act((tools) => reconcileChanges({ ...tools, onTrouble: rethrow }), step.fate);
      case 'freeze':
      case 'thaw':
        return freeze(step.does, step.group);
      case 'unlock':
        return unlock(step.host);
      default:
        return befall(step);
    }
  }

  async function befall(step: Exclude<Step, { does: 'propose' }>): Promise<void> {
    switch (step.does) {
      case 'pass':
        return world.pass(step.seconds);
      case 'jump':
        return world.jump(step.seconds);
      case 'reboot':
        return world.hosts.get(step.host)?.reboot();
      case 'somebody-sets':
        return world.hosts.get(step.host)?.set('net.ipv4.tcp_tw_reuse', step.value);
      case 'policy':
        world.policy.name = step.name;
        return;
      case 'arrive':
        return world.wire.arrive();
      case 'wake':
        return stir();
    }
  }

  async function propose({ who: id, host: name, keys, minutes, alone }: Extract<Step, { does: 'propose' }>) {
    const run = await turns.take(() => saveReport(world, planOf(name, keys)));
    await act(async (tools) => {
      const asking = {
        ...asks(id),
        revertMinutes: minutes,
        reason: 'ports run out',
        breakGlass: alone,
        card: null,
      };
      const reports = { ...world.reports, find: (id: CheckId) => turns.take(() => world.reports.find(id)) };
      const proposed = await proposeFix({ run, fix: planOf(name, keys).fix }, asking, {
        ...tools,
        reports,
        cards: world.cards,
      });
      if (proposed.kind === 'proposed') world.changes.push(proposed.change.id);
    });
  }

  function onChange(
    { which: index }: { readonly which: number },
    work: (id: ChangeId, tools: ChangeTools) => Promise<unknown>,
  ): Promise<void> {
    const id = chosen(index);
    return id === undefined ? Promise.resolve() : act((tools) => work(id, tools));
  }

  /** As the card shows it, a moment ago. */
  function approve({ who: id, which: index, seen, less }: Extract<Step, { does: 'approve' }>): Promise<void> {
    return onChange({ which: index }, async (change, tools) => {
      const shown = await tools.changes.find(change);
      if (shown === undefined || !isSysctl(shown)) return;
      const narrowed = { parts: shown.plan.steps.slice(0, 1).map(({ key }) => key), revertMinutes: 1 };
      const hash = seen ? shownHash(shown, tools.kinds).slice(0, 12) : '0'.repeat(12);
      const given = { ...decider(id), seen: hash, signature: null, trial: false, ...(less && { narrowed }) };
      await approveGate(change, given, tools);
    });
  }

  /** Keep is an approval of the trial's gate; what was kept is taken back by another change. */
  async function end(id: ChangeId, { what, who }: Extract<Step, { does: 'end' }>, tools: ChangeTools): Promise<void> {
    const shown = await tools.changes.find(id);
    if (shown === undefined) return;
    const seen = shownHash(shown, tools.kinds);
    if (what === 'keep') await approveGate(id, { ...decider(who), seen, signature: null, trial: true }, tools);
    else if (what === 'extend' || !isOver(shown)) await wish(id, what, decider(who), tools);
    else await takeBack(id, who, tools);
  }

  async function takeBack(id: ChangeId, who: string, tools: ChangeTools): Promise<void> {
    const asking = { ...asks(who), revertMinutes: null, reason: 'not needed', breakGlass: false, card: null };
    const proposed = await proposeRevert(id, asking, { ...tools, cards: world.cards });
    if (proposed.kind === 'proposed') world.changes.push(proposed.change.id);
  }

  function asks(id: string) {
    const { actor: requester, person } = decider(id);
    return { key: `key ${++serial}`, requester, person };
  }

  async function doTask(its: Fate, wireFate: Wire): Promise<void> {
    const taken = await turns.take(world.takeTask);
    if (taken !== undefined) await act((tools) => carryOut(taken.task, taken.id, tools), its, wireFate);
  }

  function freeze(event: 'freeze' | 'thaw', name: string): Promise<void> {
    return act(async ({ freezes, now }) => {
      const entry = adminEntry(event, null, { group: name }, personOf(BOB), now());
      if (event === 'freeze') await freezes.freeze({ group: name, by: BOB, since: now() }, entry);
      else await freezes.thaw(name, entry);
    });
  }

  function unlock(name: string): Promise<void> {
    return act(async ({ changes, now }) => {
      const lock = await changes.lockOf(name);
      if (lock === undefined) return;
      await changes.unlock(name, adminEntry('unlock', name, { change: lock.change }, personOf(BOB), now()));
    });
  }

  function stir(): void {
    stirring.push(...asleep);
    asleep = [];
    wake();
    [woken, wake] = alarm();
  }

  /** Processes that stood still are gone with the rest. */
  async function restart(): Promise<void> {
    asleep = [];
    [woken, wake] = alarm();
    await world.reconnect();
  }

  return {
    wake: stir,
    async play({ atOnce, steps }) {
      if (steps.some(({ does }) => does === 'restart')) await restart();
      turns.atOnce(atOnce);
      const all = Promise.all(steps.map(begin));
      const waking = stirring;
      stirring = [];
      await turns.until(Promise.all([all, ...waking]));
    },
  };
}

/** Nothing stands in the way any more, and time goes by: seconds at first, days in the end. */
export async function letTimePass(world: ChangeWorld, stage: Stage): Promise<void> {
  stage.wake();
  world.wire.arrive();
  world.policy.name = 'usual';
  const quiet: Step[] = [{ does: 'reconcile', fate: LIVES }, ...Array.from({ length: 4 }, () => WORK)];
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
    await stage.play({ atOnce: true, steps: quiet });
    if ((await world.store.changes.active()).length === 0) return;
    world.pass(rounds < 8 ? 30 : rounds < 48 ? 300 : 7200);
  }
}

const MOST_ROUNDS = 80;

function carryOut(task: ChangeTask, id: ChangeId, tools: ChangeTools): Promise<void> {
  switch (task) {
    case 'advance':
      return advance(id, tools);
    case 'prove':
      return prove(id, { ...tools, checking: NO_CHECK });
    case 'tell':
      return Promise.resolve();
    case 'remind':
      return remindOfReview(id, tools);
  }
}

/** Its numbers cannot be measured: no collector answers. */
const NO_CHECK = {
  run: async () => UNREACHABLE,
  sources: [],
  examine: async () => {
    throw new Error('Nothing came that could be judged.');
  },
};

function decider(id: string): Decider {
  return deciderOf(id, GROUPS_OF[id]);
}

function alarm(): [woken: Promise<void>, wake: () => void] {
  let wake = () => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return [woken, wake];
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: times }, work));
}

function rethrow(_id: string, error: unknown): never {
  throw error;
}
