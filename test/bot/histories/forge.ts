/** What somebody may write into the store who has no key and cannot press for other people. */
import type { Change, Gate } from '#domain/change.ts';
import { ALICE, BOB, planOf, stepOf } from '../example-change.ts';
import type { Random } from './random.ts';

type Forgery = (change: Change, gate: Gate, others: readonly Change[], random: Random) => Partial<Change>;

const FORGERIES: readonly Forgery[] = [
  ({ plan }) => ({ plan: { ...plan, risk: plan.risk === 'low' ? 'high' : 'low' } }),
  ({ plan }) => ({ host: 'db-01', plan: { ...plan, host: 'db-01' } }),
  ({ plan }) => ({
    plan:
      'what' in plan
        ? { ...plan, what: 'hello-1.0', risk: 'low' }
        : 'seconds' in plan
          ? { ...plan, seconds: 5 }
          : { ...plan, ...otherSteps(plan.host) },
  }),
  () => ({ requester: BOB }),
  () => ({ requester: ALICE }),
  () => ({ breakGlass: true }),
  () => ({ revertMinutes: 29 }),
  (change, gate) => withGate(change, gate, { host: 'db-01', hostKey: 'SHA256:db-01' }),
  (change, gate) => withGate(change, gate, { expiresAt: new Date('2027-01-01T00:00:00Z') }),
  (change, gate) => withGate(change, gate, { artefact: 'c'.repeat(64) }),
  (change, gate) => withGate(change, gate, { needs: { approvals: 1, outside: false } }),
  (change, gate) => withGate(change, gate, { name: 'keep' }),
  (change, gate, others, random) =>
    withGate(change, gate, { approvals: random.pick(others).gates[0]?.approvals ?? [] }),
  (change, gate) => withGate(change, gate, { approvals: change.gates[0]?.approvals ?? [] }),
  // The store gives out no change whose plan is of another kind or host.
  ({ kind }, _, others, random) => {
    const { plan, host } = random.pick(others.filter((each) => each.kind === kind));
    return { plan, host };
  },
];

function otherSteps(host: string) {
  return planOf({ host, steps: [stepOf('net.ipv4.tcp_rfc1337')] });
}

function withGate({ gates }: Change, forged: Gate, fields: Partial<Gate>): Partial<Change> {
  return { gates: gates.map((gate) => (gate === forged ? { ...gate, ...fields } : gate)) };
}

/** One thing is another one, and often the change is said to be approved. */
export function forgeChange(change: Change, random: Random, others: readonly Change[]): Change {
  const { state } = change;
  if (state.kind === 'ended') return change;
  const gate = change.gates[state.gate] as Gate;
  const forged = { ...change, ...random.pick(FORGERIES)(change, gate, others, random), revision: change.revision + 1 };
  if (state.kind !== 'waiting' || random.chance(0.3)) return forged;
  return {
    ...forged,
    state: { kind: 'queued', at: state.at, gate: state.gate, reverts: state.reverts, holder: null, away: null },
  };
}
