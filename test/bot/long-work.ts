/** A site where something is built on one host for another, on a clock of its own: the use cases are real, and Redis is; hosts say what a test wants. */
import type { Redis } from 'ioredis';
import { advance } from '#app/advance.ts';
import type { AdvanceTools } from '#app/advance-ports.ts';
import { approve, openText } from '#app/approve.ts';
import type { ChangeStore } from '#app/change-ports.ts';
import type { Decision } from '#app/decide-ports.ts';
import type { Copied, CopyWanted, FileRead } from '#app/ports.ts';
import { type Proposed, type ProposeTools, propose } from '#app/propose.ts';
import { reconcileChanges } from '#app/reconcile.ts';
import { hashOf } from '#change/bound.ts';
import type { AnyKind, Carry, Keepsake } from '#change/kind.ts';
import { type Change, type ChangeId, trialOf } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import type { Command, CommandResult } from '#domain/command.ts';
import { createChangeStore } from '#store/change-store.ts';
import { exited } from './command-results.ts';
import { BOB, deciderOf, KIND as SYSCTL_KIND } from './example-change.ts';
import { FOUR_GATES_KIND, type FourGatesPlan } from './four-gates/kind.ts';
import { hostNamed } from './host-named.ts';
import { RULE } from './policy-rule.ts';

export const BUILDER = 'build-01';
export const TARGET = 'web-01';
export const ARTEFACT = 'a'.repeat(64);

const MANIFEST = { from: 'built/manifest', to: 'to-install/manifest', sha256: ARTEFACT, mostBytes: 65_536 };
const LOG: Keepsake = { name: 'build.log', role: 'builder', path: 'built/log', mostBytes: 1000 };

/** Of a host that says so of a change that it does not know, and would begin it all the same. */
const UNHEARD_OF = / state unheard-of$/m;

/** Its installation needs what the build has made, and the log of a build is kept. */
export const LONG_KIND: AnyKind = {
  ...FOUR_GATES_KIND,
  order(change, deed, word, approved) {
    const order = FOUR_GATES_KIND.order(change, deed, word, approved);
    const [build, install] = change.gates;
    const isInstall = deed === 'begin' && change.state.kind !== 'ended' && change.gates[change.state.gate] === install;
    const carry: Carry = { from: build ?? { host: '', hostKey: null }, files: [MANIFEST], lists: true };
    return isInstall ? { ...order, carry } : order;
  },
  observe: (change, deed, answer, word, now) =>
    UNHEARD_OF.test(answer.stdout) ? { kind: 'not-begun' } : FOUR_GATES_KIND.observe(change, deed, answer, word, now),
  keepsakes: (change) => (change.state.kind !== 'ended' && change.state.gate === 0 ? [LOG] : []),
};

const KINDS = new Map([SYSCTL_KIND, LONG_KIND].map((kind) => [kind.name, kind]));
const PLAN: FourGatesPlan = { host: TARGET, builder: BUILDER, risk: 'high', what: 'hello-2.0' };
const KEEP_MS = 86_400_000;

export interface LongWork {
  readonly store: ChangeStore;
  /** What a host answers; a probe of a host that answers is none of its business. */
  says: (host: string, verb: string) => CommandResult;
  copies: (wanted: CopyWanted) => Copied;
  reads: (host: string, path: string) => FileRead;
  /** Verbs that hosts were told, such as `build-01 build`. */
  readonly told: string[];
  readonly tools: AdvanceTools & ProposeTools;
  /** Minutes. */
  readonly pass: (minutes: number) => void;
  readonly asks: (kind?: AnyKind, plan?: Parameters<AnyKind['title']>[0]) => Promise<Proposed>;
  readonly asked: () => Promise<ChangeId>;
  /** By Bob, unless by another. */
  readonly approves: (id: ChangeId, who?: string) => Promise<Decision>;
  /** A round of the reconciler, and all that workers then have to do. */
  readonly round: () => Promise<void>;
  readonly now: (id: ChangeId) => Promise<Change>;
  /** How many records the trail has. */
  readonly records: () => Promise<number>;
}

export function answered(...lines: readonly string[]): CommandResult {
  return exited(lines.map((line) => `w0rd ${line}\n`).join(''));
}

export async function openLongWork(redis: Redis, rule: Partial<typeof RULE> = {}): Promise<LongWork> {
  await redis.flushall();
  const store = createChangeStore(redis, KEEP_MS, KINDS);
  let clock = new Date('2026-11-30T03:00:00Z').getTime();
  let requests = 0;
  const jobs: ChangeId[] = [];
  const queued = new Set<string>();
  const policy = {
    rules: [{ ...RULE, approve: { users: [BOB.id, 'U0CAROL', 'U0ALICE'], userGroups: [] }, ...rule }],
    breakGlass: null,
    admins: null,
    freezes: [],
  };
  const tools: LongWork['tools'] = {
    ...store,
    cards: {} as ProposeTools['cards'],
    kinds: KINDS,
    policy,
    keys: new Map(),
    groupsOf: () => [],
    now: () => new Date(clock),
    word: () => 'w0rd',
    announce: async () => {},
    findHost: async (name) => hostNamed(name, []),
    queue: {
      async add(id, task, key) {
        const name = `${id} ${task} ${key}`;
        if (queued.has(name)) return;
        queued.add(name);
        if (task === 'advance') jobs.push(id);
      },
    },
    run: async ({ name }, command) => tell(name, command),
    copy: async (wanted) => work.copies(wanted),
    read: async ({ host, path }) => work.reads(host.name, path),
  };

  function tell(host: string, { input }: Command): CommandResult {
    const argv = input.kind === 'argv' ? input.argv : [];
    const verb = argv[0] === 'true' ? 'probe' : String(argv[5]);
    if (verb !== 'probe') work.told.push(`${host} ${verb}`);
    return work.says(host, verb);
  }

  const work: LongWork = {
    store,
    says: () => exited(''),
    copies: () => ({ kind: 'copied' }),
    reads: () => ({ kind: 'failed', failure: { code: 'no-file', detail: '' } }),
    told: [],
    tools,
    pass(minutes) {
      clock += minutes * 60_000;
    },
    asks(kind = LONG_KIND, plan = PLAN) {
      const hosts = Object.fromEntries(
        ['builder', 'target'].map((role) => {
          const host = kind.hostOf(plan, role) ?? TARGET;
          return [role, { host, hostKey: `SHA256:${host}` }];
        }),
      );
      const asking = {
        key: `${kind.name} ${++requests}`,
        requester: deciderOf('U0ALICE').actor,
        person: deciderOf('U0ALICE').person,
        revertMinutes: null,
        reason: 'ports run out',
        breakGlass: false,
        card: null,
      };
      return propose({ kind, plan, run: 'bbbbbbbb' as CheckId, hosts, reverts: null, unready: null }, asking, tools);
    },
    async asked() {
      const proposed = await work.asks();
      if (proposed.kind === 'refused') throw new Error(proposed.why);
      return proposed.change.id;
    },
    async approves(id, who = BOB.id) {
      const change = await work.now(id);
      const given = { ...deciderOf(who), signature: null, trial: trialOf(change) !== undefined };
      return approve(id, { ...given, seen: hashOf(openText(change, tools) ?? '') }, tools);
    },
    async round() {
      await reconcileChanges({ ...tools, onTrouble });
      for (const id of jobs.splice(0)) await advance(id, tools);
    },
    async now(id) {
      const change = await store.changes.find(id);
      if (change === undefined) throw new Error(`There is no ${id}.`);
      return change;
    },
    records: async () => (await store.audit.head()).seq,
  };
  return work;
}

function onTrouble(_: string, error: unknown): void {
  throw error;
}
