/** The text that an approval is bound to: everything that a person agrees to, line by line, and its hash. Pure. */
import { hash } from 'node:crypto';
import type { AnyPlan, Change } from '#domain/change.ts';
import type { AnyKind } from './kind.ts';

export interface Bound {
  readonly change: string;
  readonly kind: string;
  readonly gate: string;
  readonly host: string;
  readonly hostKey: string | null;
  readonly risk: string;
  readonly revertSeconds: number;
  /** surface:id */
  readonly requester: string;
  readonly breakGlass: boolean;
  readonly expiresAt: Date | null;
  readonly reverts: string | null;
  readonly artefact: string | null;
  /** The kind's own: a name and its values. */
  readonly lines: readonly (readonly string[])[];
}

/** Lines of NAME<tab>VALUE, "-" where there is no value. Throws a RangeError when a value has a tab or a line break. */
export function boundText(bound: Bound): string {
  const { change, kind, gate, host, hostKey, risk, revertSeconds, requester, breakGlass, reverts, artefact } = bound;
  const lines = [
    ['tcp-oncall change', '2'],
    ['change', change],
    ['kind', kind],
    ['gate', gate],
    ['host', host],
    ['hostkey', hostKey ?? '-'],
    ['risk', risk],
    ['revert', String(revertSeconds)],
    ['requester', requester],
    ['break-glass', breakGlass ? 'yes' : 'no'],
    ['expires', bound.expiresAt === null ? '-' : String(Math.floor(bound.expiresAt.getTime() / 1000))],
    ['reverts', reverts ?? '-'],
    ['artefact', artefact ?? '-'],
    ...bound.lines,
  ];
  return lines.map(lineOf).join('');
}

/** Control characters would end a line or a value; lone surrogates are all the same character in UTF-8. */
const NOT_BOUND = /[\p{Cc}\p{Cs}]/u;

/** Whether a bound text can hold it. */
export function canBeBound(word: string): boolean {
  return word !== '' && !NOT_BOUND.test(word);
}

/** What people agree to line by line: a plan with a line that cannot be one is no plan to ask them about. */
export function canBindPlan(kind: AnyKind, plan: AnyPlan): boolean {
  return kind.bound(plan).flat().every(canBeBound);
}

function lineOf(words: readonly string[]): string {
  if (!words.every(canBeBound)) throw new RangeError(`${words[0]} cannot be bound.`);
  return `${words.join('\t')}\n`;
}

/** Of one gate of a change, from what it holds now; undefined for a gate that is not open yet. */
export function boundOf(kind: AnyKind, change: Change<AnyPlan>, gate: number): string | undefined {
  const open = change.gates[gate];
  if (open === undefined || open.expiresAt === null) return undefined;
  const { id, plan, revertMinutes, requester, breakGlass, reverts } = change;
  return boundText({
    change: id,
    kind: kind.name,
    gate: open.name,
    host: open.host,
    hostKey: open.hostKey,
    risk: plan.risk,
    revertSeconds: revertMinutes * 60,
    requester: `${requester.surface}:${requester.id}`,
    breakGlass,
    expiresAt: open.expiresAt,
    reverts,
    artefact: open.artefact,
    lines: kind.bound(plan),
  });
}

/** 64 hex digits. */
export function hashOf(text: string): string {
  return hash('sha256', text);
}

/** Of the gate that is open, or whose work is under way; undefined when the change is over. */
export function openBound(kind: AnyKind, change: Change<AnyPlan>): string | undefined {
  const { state } = change;
  return state.kind === 'ended' ? undefined : boundOf(kind, change, state.gate);
}

/** What an approval of that gate must be given for. */
export function openHash(kind: AnyKind, change: Change<AnyPlan>): string | undefined {
  const text = openBound(kind, change);
  return text === undefined ? undefined : hashOf(text);
}
