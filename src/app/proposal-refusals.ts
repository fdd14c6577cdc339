/** Why nothing was proposed; each is one sentence for the person who asked. */
import { POLICY_REFUSALS } from '#change/policy.ts';
import { UNREADY } from '#domain/helper-state.ts';

export const PROPOSAL_REFUSALS = [
  'unknown-report',
  'unknown-change',
  'no-plan',
  'old-evidence',
  ...POLICY_REFUSALS,
  'frozen',
  'reason-required',
  'bad-minutes',
  'host-busy',
  'host-locked',
  'not-kept',
  ...UNREADY,
] as const;

export type ProposalRefusal = (typeof PROPOSAL_REFUSALS)[number];
