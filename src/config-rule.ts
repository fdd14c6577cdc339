/** A rule of changes.rules: its keys, what it means where it says nothing, and what cannot be. */
import { z } from 'zod';
import { type GateRule, gateRule, type KindGates, type PolicyRule } from '#change/policy.ts';
import { MOST_SIGNATURES } from '#domain/helper-state.ts';
import { RISKS } from '#domain/plan.ts';
import { circle, duration, groups, mapping, whole, yesOrNo } from './config-values.ts';

const EXPIRES_MINUTES = 30;
const TRIAL_MINUTES = 10;
const LONGEST_TRIAL_MINUTES = 30;

const minutes = duration
  .refine((ms) => ms % 60_000 === 0 && ms >= 60_000, { error: 'must be whole minutes such as 10m' })
  .transform((ms) => ms / 60_000);
const trial = minutes.refine((length) => length <= LONGEST_TRIAL_MINUTES, {
  error: `must be at most ${LONGEST_TRIAL_MINUTES}m`,
});
/** A host that verifies signatures itself takes no more of them. */
const approvals = whole(1, MOST_SIGNATURES);

const gate = z
  .strictObject(
    {
      approve: circle.optional(),
      approvals: approvals.optional(),
      outsideSlack: yesOrNo.optional(),
      expires: minutes.optional(),
    },
    mapping,
  )
  .transform(
    (said): GateRule => ({
      approve: said.approve ?? null,
      approvals: said.approvals ?? null,
      outsideSlack: said.outsideSlack ?? null,
      expiresMinutes: said.expires ?? null,
    }),
  );

/** `kinds`: those there are, with their gates. What a rule leaves out is the careful choice. */
export function ruleSchema(kinds: readonly KindGates[]) {
  return saidRule(kinds)
    .transform(({ kinds: some, risks, ask, expires, longestRevert, revert, gates, ...said }): PolicyRule => {
      const longestRevertMinutes = longestRevert ?? LONGEST_TRIAL_MINUTES;
      return {
        groups: said.groups,
        kinds: some ?? null,
        risks: risks ?? RISKS,
        ask: ask === 'members' ? null : ask,
        approve: said.approve,
        approvals: said.approvals ?? 1,
        expiresMinutes: expires ?? EXPIRES_MINUTES,
        reasonRequired: said.reasonRequired ?? true,
        revertMinutes: Math.min(revert ?? TRIAL_MINUTES, longestRevertMinutes),
        longestRevertMinutes,
        outsideSlack: said.outsideSlack ?? false,
        ownBuilder: said.ownBuilder ?? false,
        gates: Object.fromEntries(Object.entries(gates ?? {}).flatMap(([name, own]) => (own ? [[name, own]] : []))),
      };
    })
    .superRefine((rule, { addIssue }) => {
      for (const issue of issuesOf(rule, kinds)) addIssue({ code: 'custom', ...issue });
    });
}

function saidRule(kinds: readonly KindGates[]) {
  const names = kinds.map(({ name }) => name);
  const gateNames = new Set(kinds.flatMap(({ gates }) => gates.map(({ name }) => name)));
  return z.strictObject(
    {
      groups,
      kinds: z
        .array(z.enum(names, { error: `is not a kind of change: it must be ${names.join(' or ')}` }), {
          error: `must be a list of kinds of changes: ${names.join(', ')}`,
        })
        .min(1, { error: `must name a kind of change: ${names.join(', ')}` })
        .optional(),
      risks: z
        .array(z.enum(RISKS, { error: `must be ${RISKS.join(', ')}` }))
        .min(1)
        .optional(),
      ask: z.union([z.literal('members'), circle], { error: 'must be members, or users and userGroups' }),
      approve: circle,
      approvals: approvals.optional(),
      expires: minutes.optional(),
      reasonRequired: yesOrNo.optional(),
      revert: trial.optional(),
      longestRevert: trial.optional(),
      outsideSlack: yesOrNo.optional(),
      ownBuilder: yesOrNo.optional(),
      gates: z
        .strictObject(Object.fromEntries([...gateNames].map((name) => [name, gate.optional()])), mapping)
        .optional(),
    },
    mapping,
  );
}

interface RuleIssue {
  readonly path: string[];
  readonly message: string;
}

function issuesOf(rule: PolicyRule, kinds: readonly KindGates[]): readonly RuleIssue[] {
  const covered = kinds.filter(({ name }) => rule.kinds === null || rule.kinds.includes(name));
  const gates = covered.flatMap((kind) => kind.gates);
  const foreign = Object.keys(rule.gates).filter((name) => gates.every((each) => each.name !== name));
  return [
    ...foreign.map((name) => ({
      path: ['gates', name],
      message: `is not a gate of ${covered.map((kind) => kind.name).join(', ')}: known gates here are ${gates.map((each) => each.name).join(', ')}`,
    })),
    ...gates
      .filter(({ name, trial }) => trial && rule.gates[name]?.expiresMinutes != null)
      .map(({ name }) => ({
        path: ['gates', name, 'expires'],
        message: `has no effect: the gate ${name} is open as long as the trial (revert)`,
      })),
    ...gates
      .filter((each) => cannotSign(gateRule(rule, each)))
      .map((each) => ({
        path: rule.gates[each.name]?.approve ? ['gates', each.name, 'approve'] : ['approve'],
        message: `must name users for all approvals of the gate ${each.name} (${gateRule(rule, each).approvals}): with outsideSlack Slack is not asked, so user groups do not count`,
      })),
  ];
}

function cannotSign({ outsideSlack, approve, approvals: needed }: ReturnType<typeof gateRule>): boolean {
  return outsideSlack && approve.users.length < needed;
}
