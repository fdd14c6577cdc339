/** The text that approvals are bound to: everything that a person agrees to. What is signed, hashed and sent to the host is this text. */
import type { Risk } from '#domain/plan.ts';

export interface Bound {
  readonly change: string;
  readonly kind: string;
  readonly gate: string;
  readonly host: string;
  /** The key that the host showed, `SHA256:…`; null = not known. */
  readonly hostKey: string | null;
  readonly risk: Risk;
  /** On trial for so long, then the host goes back by itself. */
  readonly revertSeconds: number;
  /** Surface and id, such as `slack:U0ALICE`. */
  readonly requester: string;
  readonly breakGlass: boolean;
  readonly expiresAt: Date | null;
  /** The kept change that is taken back. */
  readonly reverts: string | null;
  readonly artefact: string | null;
  /** The kind's own: a name and its values. */
  readonly lines: readonly (readonly string[])[];
}

/** UTF-8 lines, fields between tabs. Throws a RangeError where a value has a tab or a line break. */
export function boundText(bound: Bound): string {
  const head: readonly (readonly string[])[] = [
    ['tcp-oncall change', '2'],
    ['change', bound.change],
    ['kind', bound.kind],
    ['gate', bound.gate],
    ['host', bound.host],
    ['hostkey', bound.hostKey ?? '-'],
    ['risk', bound.risk],
    ['revert', String(bound.revertSeconds)],
    ['requester', bound.requester],
    ['break-glass', bound.breakGlass ? 'yes' : 'no'],
    ['expires', bound.expiresAt === null ? '-' : String(Math.floor(bound.expiresAt.getTime() / 1000))],
    ['reverts', bound.reverts ?? '-'],
    ['artefact', bound.artefact ?? '-'],
  ];
  return [...head, ...bound.lines].map((fields) => `${fields.map(fieldOf).join('\t')}\n`).join('');
}

function fieldOf(value: string): string {
  if (value === '' || /[\t\n\r]/.test(value)) throw new RangeError(`${JSON.stringify(value)} cannot be bound.`);
  return value;
}
