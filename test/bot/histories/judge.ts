/** What a begin of work must have behind it, said without the code that is judged: presses of people, and the rule of that moment. */
import type { Policy } from '#change/policy.ts';
import type { Actor } from '#domain/check.ts';

/** Somebody has pressed. `text`: what was shown, or what somebody has asked for who begins alone. */
export interface Press {
  readonly by: Actor;
  readonly text: string;
  readonly signature: string | null;
  /** By the clock of workers; null where that was set forward or back, and says nothing. */
  readonly at: Date | null;
}

/** How long what was approved in time may wait for its host, by the gate's name; in seconds. */
const WAITS: Readonly<Record<string, number>> = {
  prepare: 24 * 3600,
  build: 24 * 3600,
  install: 24 * 3600,
  boot: 2 * 3600,
};

export interface Begun {
  /** Of what the host is told. */
  readonly text: string;
  readonly gate: { readonly name: string; readonly trial: boolean };
  readonly first: boolean;
  readonly presses: readonly Press[];
  readonly policy: Policy;
  readonly frozen: boolean;
  /** When its worker began. */
  readonly began: Date;
}

/** Undefined when the work was rightly begun. */
export function allowedBy(begun: Begun): string | undefined {
  const { text, gate, first, policy, frozen, began } = begun;
  const [rule] = policy.rules;
  if (rule === undefined) return 'there is no rule';
  const own = rule.gates[gate.name];
  const breakGlass = isBreakGlass(text);
  const needed = breakGlass ? 1 : (own?.approvals ?? (first ? rule.approvals : 1));
  if (began.getTime() >= (expiryOf(text) + (WAITS[gate.name] ?? 0)) * 1000) return 'it had expired';
  if (frozen && !gate.trial && lineOf(text, 'reverts') === '-' && !breakGlass) return 'its host was frozen';
  if (Number(lineOf(text, 'revert')) > rule.longestRevertMinutes * 60) return 'its trial is too long';
  const people = new Set(begun.presses.filter((press) => counts(press, begun)).map(({ by }) => by.id));
  return people.size >= needed ? undefined : `${people.size} of ${needed} had approved:\n${text}`;
}

/** The first second that is too late. */
function expiryOf(text: string): number {
  return Number(lineOf(text, 'expires')) + 1;
}

/** The value of a line of a bound text. */
export function lineOf(text: string, name: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name}\t`))
    ?.slice(name.length + 1);
}

function isBreakGlass(text: string): boolean {
  return lineOf(text, 'break-glass') === 'yes';
}

function counts({ by, text: seen, signature, at }: Press, { text, gate, policy }: Begun): boolean {
  if (at !== null && at.getTime() >= expiryOf(text) * 1000) return false;
  const [rule] = policy.rules;
  const own = rule?.gates[gate.name];
  const breakGlass = isBreakGlass(text);
  const mayBreak = breakGlass && policy.breakGlass?.users.includes(by.id) === true && rule?.outsideSlack === false;
  const may = (own?.approve ?? rule?.approve)?.users.includes(by.id) === true;
  if (!may && !mayBreak) return false;
  if (`${by.surface}:${by.id}` === lineOf(text, 'requester') && !breakGlass) return false;
  return seen === text && (rule?.outsideSlack !== true || signature !== null);
}
