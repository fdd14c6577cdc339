/**
 * What a check says of cheaper ways: is tcp_tw_reuse enough, do peers lack timestamps, does the kernel have a sysctl for the
 * length of TIME_WAIT, are more ports possible, could connections be kept. Drawn from its verdicts and from what each fix makes
 * of the host. Pure.
 */
import { type Fact, type Facts, fact, named, type Scalar, setting } from '#domain/fact.ts';
import type { Proposal } from '#domain/plan.ts';
import { type Reason, unreadable } from '#domain/reading.ts';
import type { Verdict } from '#domain/verdict.ts';
import type { TargetFacts } from './preflight-answer.ts';

/** In the order they are shown. */
export const QUESTIONS = ['reuse', 'timestamps', 'vendor', 'ports', 'keepAlive'] as const;

export type Question = (typeof QUESTIONS)[number];

export interface Checked {
  readonly verdicts: readonly Verdict[];
  /** What each fix of sysctls comes to on this host. */
  readonly proposals: readonly Proposal[];
  readonly target: Pick<TargetFacts, 'twTimeout' | 'finTimeout'>;
}

/** A code that the words have a sentence for, or why it is not known. */
type Answer = { readonly code: string } | { readonly unknown: Reason };

const REUSE = 'reuse-time-wait-ports';
const WIDEN = 'widen-local-port-range';
const INEFFECTIVE = 'tw-reuse-ineffective-no-timestamps';
const LENGTH = 'timewait-length-nondefault';

/** Of a destination's ports, up to which connect() finds one soon. */
const EASY_SHARE = 0.5;

export function kernelEvidence(checked: Checked): Facts {
  const numbers = numbersOf(checked);
  const answers: Readonly<Record<Question, Answer>> = {
    reuse: reuseAnswer(checked),
    timestamps: timestampsAnswer(checked, numbers),
    vendor: vendorAnswer(checked.target),
    ports: portsAnswer(checked),
    keepAlive: keepAliveAnswer(checked, numbers),
  };
  const cheaper = cheaperWay(answers, numbers);
  return { ...numbers, ...Object.assign({}, ...QUESTIONS.map((name) => answerFacts(name, answers[name]))), cheaper };
}

function answerFacts(name: Question, answer: Answer): Facts {
  if ('code' in answer) return { [`${name}Answer`]: named(answer.code, FROM[name]) };
  const { code, what } = answer.unknown;
  return {
    [`${name}Answer`]: named('unknown', FROM[name]),
    [`${name}Reason`]: named(code, FROM[name]),
    [`${name}What`]: named(what, FROM[name]),
  };
}

const FROM: Readonly<Record<Question, string>> = {
  reuse: `fix ${REUSE}, ${INEFFECTIVE}`,
  timestamps: `fix ${REUSE}, ${INEFFECTIVE}`,
  vendor: 'preflight: net.ipv4.tcp_tw_timeout',
  ports: `fix ${WIDEN}`,
  keepAlive: `fix ${REUSE}, fix ${WIDEN}: timeWait / used`,
};

/** What the sentences name; null = not known. */
function numbersOf({ verdicts, proposals, target }: Checked): Numbers {
  const [reuse, widen] = [factsOf(proposals, REUSE), factsOf(proposals, WIDEN)];
  const peers = verdictFacts(verdicts, INEFFECTIVE);
  const { twTimeout, finTimeout } = target;
  return {
    destination: scalar(reuse['destination'] ?? widen['destination']),
    port: scalar(reuse['port'] ?? widen['port']),
    timeWait: scalar(reuse['timeWait']),
    looked: scalar(reuse['looked'] ?? peers['looked']),
    withTimestamps: scalar(reuse['withTimestamps'] ?? peers['withTimestamps']),
    after: scalar(reuse['after']),
    ceilingAfter: scalar(reuse['ceilingAfter']),
    ports: scalar(widen['ports'] ?? reuse['ports']),
    used: scalar(widen['used']),
    share: scalar(widen['share']),
    newPorts: scalar(widen['newPorts']),
    newShare: scalar(widen['newShare']),
    length: scalar(verdictFacts(verdicts, LENGTH)['length']),
    vendorSeconds: setting(typeof twTimeout === 'number' ? twTimeout : null, FROM.vendor),
    finTimeout: setting(finTimeout, 'preflight: net.ipv4.tcp_fin_timeout'),
  };
}

function reuseAnswer({ verdicts, proposals }: Checked): Answer {
  const proposal = proposalOf(proposals, REUSE);
  if (proposal === undefined) return NOT_LOOKED_AT;
  if (proposal.kind === 'unknown') return { unknown: proposal.reason };
  if (proposal.kind === 'plan') return { code: 'enough' };
  return proposal.why === 'already' ? whetherItWorks(verdicts) : { code: REUSE_CODES[proposal.why] ?? 'not-seen' };
}

const REUSE_CODES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  'no-key': 'no-key',
  'not-needed': 'no-shortage',
  'own-timestamps-off': 'own-timestamps-off',
  'no-timestamps': 'no-timestamps',
});

/** It is switched on. */
function whetherItWorks(verdicts: readonly Verdict[]): Answer {
  const verdict = verdicts.find(({ id }) => id === INEFFECTIVE);
  if (verdict === undefined) return NOT_LOOKED_AT;
  if (verdict.kind === 'unknown') return { unknown: verdict.reason };
  if (verdict.kind === 'found') return { code: 'ineffective' };
  return { code: scalar(verdict.facts['works']).value === true ? 'works' : 'on' };
}

function timestampsAnswer({ verdicts, proposals }: Checked, { looked, withTimestamps }: Numbers): Answer {
  if (scalar(verdictFacts(verdicts, INEFFECTIVE)['offHere']).value === true) return { code: 'own-off' };
  const [all, some] = [numberIn(looked), numberIn(withTimestamps)];
  if (all !== null && some !== null && all > 0) return { code: some * 2 >= all ? 'have' : 'lack' };
  const verdict = verdicts.find(({ id }) => id === INEFFECTIVE);
  const proposal = proposalOf(proposals, REUSE);
  if (verdict?.kind === 'unknown' && proposal?.kind === 'unknown') return { unknown: verdict.reason };
  return verdict === undefined && proposal === undefined ? NOT_LOOKED_AT : { code: 'not-seen' };
}

function vendorAnswer({ twTimeout }: Checked['target']): Answer {
  if (twTimeout === null) return { unknown: unreadable('failed', 'net.ipv4.tcp_tw_timeout').reason };
  return { code: twTimeout === 'none' ? 'absent' : 'exists' };
}

function portsAnswer({ proposals }: Checked): Answer {
  const proposal = proposalOf(proposals, WIDEN);
  if (proposal === undefined) return NOT_LOOKED_AT;
  if (proposal.kind === 'unknown') return { unknown: proposal.reason };
  if (proposal.kind === 'plan') return { code: 'wider' };
  return {
    code: proposal.why === 'not-needed' ? 'no-shortage' : proposal.why === 'already' ? 'wide' : 'cannot-reserve',
  };
}

/** Ports in TIME_WAIT had short connections, which a pool would spare; those of open connections no shorter wait sets free. */
function keepAliveAnswer({ proposals }: Checked, { timeWait, used }: Numbers): Answer {
  const [waiting, all] = [numberIn(timeWait), numberIn(used)];
  if (waiting !== null && all !== null) {
    if (all === 0) return { code: 'no-traffic' };
    return { code: waiting * 2 >= all ? 'short-lived' : 'held' };
  }
  const unknown = [REUSE, WIDEN].map((id) => proposalOf(proposals, id)).find((each) => each?.kind === 'unknown');
  return unknown?.kind === 'unknown' ? { unknown: unknown.reason } : NOT_LOOKED_AT;
}

/** The first that would do: a sysctl, a fix by its id, a word for what makes a build pointless, or for what is not known; null = there is none. */
function cheaperWay(answers: Readonly<Record<Question, Answer>>, { newShare }: Numbers): Scalar {
  const is = (question: Question, code: string) => 'code' in answers[question] && answers[question].code === code;
  const room = numberIn(newShare);
  const ways: readonly (readonly [boolean, string])[] = [
    [is('reuse', 'no-shortage') && is('ports', 'no-shortage'), 'no-shortage'],
    [is('vendor', 'exists'), 'tw-timeout'],
    [is('reuse', 'enough'), REUSE],
    [is('reuse', 'own-timestamps-off'), 'restore-timestamps'],
    [is('ports', 'wider') && room !== null && room <= EASY_SHARE, WIDEN],
    [is('reuse', 'works'), 'reuse-works'],
    [is('keepAlive', 'held'), 'held'],
    [(['reuse', 'vendor', 'ports'] as const).some((question) => 'unknown' in answers[question]), 'not-known'],
  ];
  return named(ways.find(([would]) => would)?.[1] ?? null, 'the answers, in their order');
}

type Numbers = Readonly<Record<string, Scalar>>;

const NOT_LOOKED_AT: Answer = { unknown: { code: 'not-collected', what: 'fixes' } };

function proposalOf(proposals: readonly Proposal[], id: string): Proposal | undefined {
  return proposals.find((each) => (each.kind === 'plan' ? each.plan.fix : each.fix) === id);
}

function factsOf(proposals: readonly Proposal[], id: string): Facts {
  const proposal = proposalOf(proposals, id);
  if (proposal === undefined || proposal.kind === 'unknown') return {};
  return proposal.kind === 'plan' ? proposal.plan.facts : proposal.facts;
}

function verdictFacts(verdicts: readonly Verdict[], id: string): Facts {
  const verdict = verdicts.find((each) => each.id === id);
  return verdict === undefined || verdict.kind === 'unknown' ? {} : verdict.facts;
}

function scalar(given: Fact | undefined): Scalar {
  return given === undefined || 'rows' in given ? fact(null, 'none', 'not known') : given;
}

function numberIn(given: Scalar | undefined): number | null {
  return typeof given?.value === 'number' ? given.value : null;
}
