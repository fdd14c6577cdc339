/** Where somebody who writes to Redis attacks: a real Redis, the use cases of the bot and its worker, and hosts in memory. */
import { adminEntry } from '#app/admin.ts';
import { advance } from '#app/advance.ts';
import type { AdvanceTools } from '#app/advance-ports.ts';
import { type ApprovalGiven, approve, openText } from '#app/approve.ts';
import type { DecideTools } from '#app/decide-ports.ts';
import { newId } from '#app/new-id.ts';
import { type Asking, propose } from '#app/propose.ts';
import { proposeRevert } from '#app/propose-revert.ts';
import { hashOf } from '#change/bound.ts';
import type { Policy, PolicyRule } from '#change/policy.ts';
import { makeApproverKey, signApproval } from '#change/signature.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Command, CommandResult } from '#domain/command.ts';
import type { Host } from '#domain/host.ts';
import type { Plan } from '#domain/plan.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { createChangeStore } from '#store/change-store.ts';
import { createStore } from '#store/store.ts';
import { planOf } from '../bot/change-plans.ts';
import { KINDS, SYSCTL_KIND } from '../bot/change-samples.ts';
import { VALUES } from '../bot/change-world.ts';
import { NO_OUTPUT } from '../bot/command-results.ts';
import { deciderOf, HOST_KEY, minutesLater, personOf } from '../bot/example-change.ts';
import { hostNamed } from '../bot/host-named.ts';
import { NO_FILES } from '../bot/no-files.ts';
import { RULE } from '../bot/policy-rule.ts';
import { createTrialHost, type TrialHost } from '../bot/trial-host.ts';
import { type Edit, editChange } from './edit-change.ts';
import { openRedisPlace } from './redis-place.ts';

const KEEP_MS = 30 * 86_400_000;
export const DB_KEY = `SHA256:${'d'.repeat(43)}`;
export const [ALICE, BOB, CAROL, MALLORY] = ['U0ALICE', 'U0BOB', 'U0CAROL', 'U0MALLORY'];
export const KEYS = new Map([ALICE, BOB, CAROL, MALLORY].map((id) => [id, makeApproverKey()]));
export const START = new Date('2026-11-30T03:00:00Z');

export const [REUSE, FIN] = ['net.ipv4.tcp_tw_reuse', 'net.ipv4.tcp_fin_timeout'];
export const APPLIED = { [REUSE]: '1', [FIN]: '20' };

const people = { users: [ALICE, BOB, CAROL], userGroups: ['S0SRE'] };
/** Low: one person, in Slack. All else: two, with signatures. */
const POLICY: Policy = {
  rules: [
    { ...RULE, risks: ['low'], approve: people },
    { ...RULE, approve: people, approvals: 2, outsideSlack: true },
  ],
  breakGlass: { users: [MALLORY], userGroups: [] },
  admins: null,
  freezes: [],
};

export async function openApprovalPlace() {
  const place = await openRedisPlace();
  const { redis } = place;
  const store = { ...createStore(redis, KEEP_MS), ...createChangeStore(redis, KEEP_MS, KINDS) };
  let serial = 0;

  /** One world: hosts as new, and what the policy, the keys, the clock and the inventory are until a test says otherwise. */
  async function begin() {
    await redis.flushall();
    const hosts: Record<string, TrialHost> = { 'web-01': createTrialHost(VALUES), 'db-01': createTrialHost(VALUES) };
    const hostKeys: Record<string, string> = { 'web-01': HOST_KEY, 'db-01': DB_KEY };
    const told: string[] = [];
    const world = {
      policy: POLICY,
      keys: new Map([...KEYS].map(([id, { publicKey }]) => [id, publicKey])) as ReadonlyMap<string, string>,
      groups: ['web'] as readonly string[],
      now: START,
      /** Of the host that answers under a name. */
      answers: { 'web-01': 'web-01', 'db-01': 'db-01' } as Record<string, string>,
      /** Happens when a worker has begun, before it asks the policy again. */
      begun: async () => {},
    };

    async function run({ name }: Host, command: Command): Promise<CommandResult> {
      const real = world.answers[name] ?? name;
      const hostKey = hostKeys[real] ?? null;
      if (command.hostKey !== undefined && command.hostKey !== hostKey)
        return {
          ...NO_OUTPUT,
          ...{ kind: 'host-key-other', hop: name, fingerprint: hostKey ?? '', wanted: command.hostKey, hostKey },
        };
      const words: readonly string[] = command.input.kind === 'argv' ? command.input.argv : [];
      told.push(`${real} ${words.slice(words.indexOf(HELPER_PATH) + 3).join(' ')}`);
      return { ...(hosts[real] as TrialHost).run(command), hostKey };
    }

    const shared = () => ({
      ...store,
      kinds: KINDS,
      queue: { add: async () => {} },
      policy: world.policy,
      keys: world.keys,
      now: () => world.now,
    });
    const decideTools = (): DecideTools => ({ ...shared(), announce: async () => {}, groupsOf: () => world.groups });
    const workTools = (): AdvanceTools => ({
      ...shared(),
      announce: () => world.begun(),
      run,
      ...NO_FILES,
      word: () => 'w0rd',
      findHost: async (name) => hostNamed(name, world.groups),
    });
    const find = async (id: ChangeId) => (await store.changes.find(id)) as Change<Plan>;
    const asking = (who: string): Asking => ({
      key: `key ${++serial}`,
      requester: personOf(who),
      person: { id: who, userGroups: [] },
      revertMinutes: null,
      reason: 'ports run out',
      breakGlass: false,
      card: null,
    });

    async function ask(plan: Plan = planOf('web-01', 2), who = ALICE): Promise<ChangeId> {
      const target = { host: plan.host, hostKey: hostKeys[plan.host] ?? null };
      const wanted = { kind: SYSCTL_KIND, plan, run: newId('check'), hosts: { target }, reverts: null, unready: null };
      return proposedOf(await propose(wanted, asking(who), { ...decideTools(), cards: store.cards }));
    }

    /** By the use case, as a button or the terminal would. */
    async function press(id: ChangeId, who: string, more: Partial<ApprovalGiven> = {}) {
      const change = await find(id);
      const text = openText(change, { kinds: KINDS }) ?? '';
      const trial = change.state.kind === 'waiting' && change.state.reverts !== null;
      return approve(id, { ...deciderOf(who), seen: hashOf(text), signature: null, trial, ...more }, decideTools());
    }

    async function sign(id: ChangeId, ...all: readonly string[]): Promise<void> {
      for (const who of all) {
        const decided = await press(id, who, { signature: signatureOf(await find(id), who) });
        if (decided.kind === 'refused') throw new Error(`${who}: ${decided.why}`);
      }
    }

    /** Proposed by Alice, signed by Bob and Carol. */
    async function approved(plan?: Plan): Promise<ChangeId> {
      const id = await ask(plan);
      await sign(id, BOB, CAROL);
      return id;
    }

    async function tried(plan?: Plan): Promise<ChangeId> {
      const id = await approved(plan);
      await advance(id, workTools());
      return id;
    }

    async function kept(): Promise<ChangeId> {
      const id = await tried();
      await sign(id, BOB);
      await advance(id, workTools());
      return id;
    }

    return {
      world,
      told,
      hosts,
      ask,
      press,
      sign,
      approved,
      tried,
      kept,
      find,
      decideTools,
      workTools,
      work: (id: ChangeId) => advance(id, workTools()),
      /** Whatever the risk. */
      setRule(fields: Partial<PolicyRule>): void {
        world.policy = { ...POLICY, rules: POLICY.rules.map((rule) => ({ ...rule, ...fields })) };
      },
      takeBack: async (id: ChangeId, who = ALICE) =>
        proposedOf(await proposeRevert(id, asking(who), { ...decideTools(), cards: store.cards })),
      edit: (id: ChangeId, edit: Edit) => editChange(redis, id, edit),
      async freeze(group: string): Promise<void> {
        const entry = adminEntry('freeze', null, { group }, personOf(BOB), START);
        await store.freezes.freeze({ group, by: BOB, since: START }, entry);
      },
      live: (host: string) => hosts[host]?.values(),
      async trail(id: ChangeId) {
        const all = [];
        for await (const records of store.audit.records()) all.push(...records);
        return all.filter(({ change }) => change === id);
      },
    };
  }

  return { begin, redis, store, close: place.close };
}

export function later(minutes: number): Date {
  return minutesLater(minutes, START);
}

/** What somebody writes into a record who has not approved it, as JSON. */
export function forged(by: string, hash: string, more: object = {}): object {
  const given = { by: { surface: 'slack', id: by }, at: START.toISOString(), hash };
  return { ...given, signature: null, userGroups: ['S0SRE'], ...more };
}

/** As JSON; its time is to be added. */
export function trialState(wish: object): object {
  return { kind: 'waiting', gate: 1, reverts: later(10).toISOString(), wish, dropped: null };
}

export function signatureOf(change: Change, who: string): string {
  return signApproval(openText(change, { kinds: KINDS }) ?? '', KEYS.get(who)?.privateKey ?? '');
}

function proposedOf(proposed: Awaited<ReturnType<typeof propose>>): ChangeId {
  if (proposed.kind === 'refused') throw new Error(proposed.why);
  return proposed.change.id;
}
