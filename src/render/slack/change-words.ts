/** The words the bot speaks about changes, one file a language: templates/change.<language>.yaml. Handlebars over the names in braces. */
import { parse } from 'yaml';
import { z } from 'zod';
import { REFUSALS } from '#change/decide.ts';
import { POLICY_REFUSALS } from '#change/policy.ts';
import { REMARKS } from '#domain/change.ts';
import { UNREADY } from '#domain/helper-state.ts';
import { BOUNDS } from '#domain/out-of-bounds.ts';

const sentence = z.string().min(1);
const sentences = <N extends string>(names: readonly N[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, sentence])) as Record<N, typeof sentence>);

/** Ends that every kind has; the stages before them are the kind's own words. */
const ENDS = ['denied', 'withdrawn', 'expired', 'superseded', 'failed', 'unclear', 'abandoned'] as const;

/** Everything that keeps a person, or the bot, from a change; one sentence with what to do next. */
export const CHANGE_PROBLEMS = [
  'unknown-change',
  'unknown-report',
  'no-report',
  'no-plan',
  'old-evidence',
  ...POLICY_REFUSALS,
  ...REFUSALS,
  'not-admin',
  'frozen',
  'reason-required',
  'bad-minutes',
  'host-busy',
  'host-locked',
  'bad-signature',
  'not-yours',
  'not-kept',
  'too-long',
  'unknown-fix',
  'unknown-host',
  'unknown-group',
  'no-lock',
  'not-frozen',
  ...UNREADY,
] as const;

export type ChangeProblem = (typeof CHANGE_PROBLEMS)[number];

/** What people decide on the terminal. */
const DECISIONS = ['propose', 'alone', 'approve', 'deny', 'withdraw', 'keep', 'revert', 'extend'] as const;

/** What stood in the way of applying; `other` is for codes that a later helper may say. */
export const FAILURES = [
  'drift',
  'netns',
  'busy',
  'no-key',
  'not-allowed',
  'out-of-bounds',
  'invalid-value',
  'read-only',
  'not-permitted',
  'read-back',
  'no-file',
  'no-journal',
  'no-timer',
  'locked',
  'needed',
  'foreign',
  'unknown',
  'not-on-trial',
  'unreadable',
  'write-failed',
  'not-root',
  'bad-order',
  'unsafe-state',
  'protocol',
  'approvers',
  'no-verifier',
  'not-signed',
  'order-expired',
  'other-host',
  'no-helper',
  'no-rights',
  'no-host',
  'no-rule',
  'no-such-plan',
  'no-host-key',
  'frozen',
  'too-long',
  'not-approved',
  'host-locked',
  'never-begun',
  'not-reverted',
  'unreachable',
  'host-key-other',
  'other',
] as const;

/** Why nobody can say how a change stands; a host may say anything else. */
export const LOSSES = [
  'timed-out',
  'connection-lost',
  'too-much-output',
  'unreachable',
  'refused',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'host-key-other',
  'authentication-failed',
  'no-helper',
  'undo-failed',
  'journal-gone',
  'upgraded',
] as const;

/** What people ask for and must not get. */
export const FORBIDDEN = ['tcp_tw_recycle', 'tcp_timestamps', 'tcp_max_tw_buckets', 'tcp_fin_timeout'] as const;

const schema = z.strictObject({
  stages: sentences(ENDS),
  /** What the thread is told, because an edit notifies nobody. */
  told: sentences(ENDS),
  reverted: sentences(['person', 'timer', 'reboot', 'interrupted', 'failed']),
  card: sentences([
    'step',
    'sameStep',
    'hostWide',
    'askedBy',
    'reason',
    'approvedBy',
    'outside',
    'needs',
    'mayApprove',
    'notRequester',
    'nobodyElse',
    'outsideOnly',
    'takesBack',
    'takenBack',
    'notTakenBack',
    'waitsFor',
    'frozen',
    'deniedBy',
    'withdrawnBy',
    'abandonedBy',
    'revertedBy',
    'until',
    'byItself',
    'breakGlass',
    'reviewedBy',
    'supersededBy',
    'context',
    'unlessKept',
    'expires',
    'also',
    'unknownWhy',
  ]),
  remarks: sentences(REMARKS),
  /** Of what somebody pressed and nobody did. */
  dropped: sentences(['keep', 'revert', 'extend', 'gate', 'refused']),
  /** Of a change that one person made alone. */
  alone: sentences(['applied', 'remind']),
  proof: z.strictObject({
    title: sentence,
    number: sentence,
    unknown: sentence,
    verdicts: sentences(['cured', 'better', 'no-effect', 'worse', 'unknown']),
    offerRevert: sentence,
    early: sentence,
  }),
  failures: sentences(FAILURES),
  /** Why a value is not written, by the bound it does not keep. */
  bounds: sentences(BOUNDS),
  losses: sentences(LOSSES),
  buttons: sentences([
    'fix',
    'approve',
    'change',
    'deny',
    'withdraw',
    'revert',
    'takeBack',
    'extend',
    'again',
    'reviewed',
  ]),
  confirm: z.strictObject({
    takeBack: sentences(['title', 'text', 'confirm', 'deny']),
    revert: sentences(['title', 'text', 'confirm', 'deny']),
  }),
  modal: sentences([
    'title',
    'submit',
    'close',
    'step',
    'file',
    'noFile',
    'keeps',
    'undo',
    'takesBack',
    'minutes',
    'minutesOption',
    'reason',
    'who',
    'second',
    'alone',
    'aloneOutside',
    'aloneNotChecked',
    'denyTitle',
    'denySubmit',
    'denyReason',
    'narrowTitle',
    'narrowSubmit',
    'narrowSteps',
  ]),
  fixes: sentences([
    'title',
    'none',
    'from',
    'age',
    'tooOld',
    'changed',
    'underWay',
    'proposed',
    'blocked',
    'answers',
    'unknown',
    'notApplicable',
    'advice',
  ]),
  status: sentences(['title', 'none', 'line', 'lock', 'frozen']),
  home: sentences(['waiting', 'noneWaiting']),
  /** What a channel, and the threads of open changes, are told. */
  freeze: sentences(['all', 'frozen', 'thawed', 'proposal', 'trial', 'over', 'told', 'onlyYou']),
  /** For those who run the bot. */
  admin: sentences(['groupGone']),
  done: sentences(['freeze', 'thaw', 'unlock', 'abandon', 'approved', 'more']),
  forbidden: sentences(FORBIDDEN),
  problems: sentences(CHANGE_PROBLEMS),
  cli: sentences([
    'host',
    'risk',
    'gate',
    'ask',
    'approve',
    'rule',
    'everybody',
    'nobody',
    'numberOf',
    'times',
    'outsideSlack',
    'frozen',
    'noPolicy',
    'others',
    'notAlone',
    'noChanges',
    'intact',
    'broken',
    'signed',
    'notSigned',
    'badPosted',
    'postedAgrees',
    'postedDiffers',
    'copyShort',
    'copyAgrees',
    'copyDiffers',
    'noCopy',
    'nothingYet',
    'copyNothingYet',
    'copyDamaged',
    'endDamaged',
    'wrongType',
    'showsPlan',
    'showsTrial',
    'nothingDone',
    'noTerminal',
    'keyMade',
    'keyThere',
    'noPlace',
    'noKey',
    'unknownFix',
  ]).extend({
    breaks: sentences(['missing', 'moved', 'changed', 'cut-off', 'unsigned']),
    /** Before a decision, and after it. */
    question: sentences(DECISIONS),
    did: sentences(DECISIONS),
    /** Why it is not known who acts on the terminal. */
    identity: sentences(['nobody', 'badKey', 'foreignKey', 'otherUser', 'groupsOnly', 'needsKey']),
  }),
});

export type ChangeWords = z.infer<typeof schema>;

/** Throws an Error naming the file and what is wrong with it. */
export function parseChangeWords(text: string, path: string): ChangeWords {
  const parsed = schema.safeParse(parse(text));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
