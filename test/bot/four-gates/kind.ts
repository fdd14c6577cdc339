/** A kind with four gates on two hosts, as small as one can be: something is built on one host, then installed, booted and kept on another. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type AnyKind, type Deed, extendToken, type Kind } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { RISKS, type Risk } from '#domain/plan.ts';
import { observe } from './observe.ts';

const planShape = z.object({ host: z.string(), builder: z.string(), risk: z.enum(RISKS), what: z.string() });

export type FourGatesPlan = Readonly<z.infer<typeof planShape>>;

export const FOUR_GATES = 'four-gates';

/** The kind's own catalogue: what can be built, and its risk. */
const CATALOGUE: ReadonlyMap<string, Risk> = new Map([
  ['hello-1.0', 'low'],
  ['hello-2.0', 'high'],
]);

/** In minutes. */
const DAY = 24 * 60;

const KIND: Kind<FourGatesPlan> = {
  name: FOUR_GATES,
  gates: [
    { name: 'build', role: 'builder', trial: false, first: true, patience: DAY, silence: 2 },
    { name: 'install', role: 'target', trial: false, first: false, patience: DAY, silence: 2 },
    { name: 'boot', role: 'target', trial: false, first: false, patience: 120, silence: 10 },
    { name: 'keep', role: 'target', trial: true, first: false, patience: 0, silence: 0 },
  ],
  wayBack: { name: 'rollback', role: 'target', trial: false, first: true, patience: 0, silence: 0 },
  readPlan,
  hostOf: ({ host, builder }, role) => ({ builder, target: host })[role],
  bound: ({ builder, what }) => [
    ['builder', builder],
    ['what', what],
  ],
  // There is no less of it; its time can be shortened.
  narrow: (plan, parts) => (parts.length === 1 && parts[0] === plan.what ? plan : undefined),
  reverse: (plan) => plan,
  riskOf: ({ what }) => CATALOGUE.get(what),
  title: ({ what }) => what,
  order: (change, deed, word) => {
    const argv = ['sh', '-c', RUNNER, FOUR_GATES, word, ...wordsOf(change, deed)] as const;
    return { input: { kind: 'argv', argv }, deadlineMs: 20_000, maxBytes: 64 * 1024 };
  },
  observe,
  proving: () => null,
};

export const FOUR_GATES_KIND: AnyKind = KIND;

const RUNNER = readFileSync(new URL('runner.sh', import.meta.url), 'utf8');
const EXTENDED_SECONDS = '600';

function readPlan(record: unknown): { readonly plan: FourGatesPlan } | { readonly why: string } {
  const parsed = planShape.safeParse(record);
  return parsed.success ? { plan: parsed.data } : { why: `plan: ${z.prettifyError(parsed.error)}` };
}

/** What runner.sh is told: a verb, the change, the role of the host that is told, and what the verb needs. */
function wordsOf(change: Change<FourGatesPlan>, deed: Deed): readonly string[] {
  const { id, reverts, state } = change;
  const { name = '', artefact = null } = gateOf(change) ?? {};
  const role = name === 'build' ? 'builder' : 'target';
  if (reverts !== null) return ['rollback', reverts, role];
  switch (deed) {
    case 'begin':
      return [name, id, role, ...beginWords(change, name, artefact ?? '-')];
    case 'look':
      // What ends as never begun must never begin. To keep can be asked for again.
      return name !== 'keep' && state.kind !== 'waiting' ? ['settle', id, role, name] : ['status', id, role];
    case 'extend':
      return ['extend', id, role, EXTENDED_SECONDS, extendToken(change)];
    case 'revert':
      return [deed, id, role];
    case 'cancel':
      return [deed, id, role, name];
  }
}

function beginWords({ plan, revertMinutes }: Change<FourGatesPlan>, gate: string, artefact: string): readonly string[] {
  if (gate === 'build') return [plan.what];
  return gate === 'boot' ? [artefact, String(revertMinutes * 60)] : [artefact];
}
