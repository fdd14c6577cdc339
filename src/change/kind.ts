/** What a kind of change is: its gates as data, and pure functions from a change to an order, and from a host's answer to what it says. */
import type { AnyPlan, Change, Remark, RevertReason, Wish } from '#domain/change.ts';
import type { ChangeFailure } from '#domain/change-failure.ts';
import type { CommandInput, CommandResult } from '#domain/command.ts';
import type { Facts } from '#domain/fact.ts';
import type { Goal, Measures, Risk } from '#domain/plan.ts';

export interface GateSpec {
  readonly name: string;
  /** Which of the change's hosts works behind it. */
  readonly role: string;
  /** It opens while the host is on trial, and goes back by itself: a freeze does not stop it. */
  readonly trial: boolean;
}

/** What a host is told: to do the work behind the gate, to say how that stands, or what somebody wishes. */
export type Deed = 'begin' | 'look' | Wish['what'];

export interface Order {
  readonly input: CommandInput;
  readonly deadlineMs: number;
  readonly maxBytes: number;
}

/** What a host's answer says, the same for work just begun, polled, or lost sight of. */
export type Observation =
  /** `progress`: for the people who wait. */
  | { readonly kind: 'running'; readonly progress: string | null }
  /** The work behind this gate is done, and no later one. `reverts`: until when the host waits for the next. `why`: it refused more, in its words. */
  | {
      readonly kind: 'done';
      readonly gate: string;
      readonly reverts: Date | null;
      readonly artefact: string | null;
      readonly remarks: readonly Remark[];
      readonly why?: string;
    }
  | { readonly kind: 'extended'; readonly reverts: Date }
  /** The host is as it was. `asked`: because somebody asked for that. */
  | { readonly kind: 'undone'; readonly why: RevertReason; readonly remarks: readonly Remark[] }
  /** Nothing was changed by the work behind this gate. */
  | { readonly kind: 'refused'; readonly failure: ChangeFailure }
  /** `isWord`: the host itself says that it can't tell, as when its journal is lost; else nothing was heard of it. */
  | { readonly kind: 'unclear'; readonly why: string; readonly isWord: boolean };

/** Numbers that show whether a change did what it is for. */
export interface Proving {
  readonly fix: string;
  readonly facts: Facts;
  readonly goals: readonly Goal[];
  readonly before: Measures;
}

/** Methods, so that a kind of one plan is a kind of any: the store gives each kind its own plans only. */
export interface Kind<P extends AnyPlan> {
  readonly name: string;
  /** In order; the last one's work ends the change. */
  readonly gates: readonly GateSpec[];
  /** The one gate of a change that takes back what another one of this kind kept; null = nothing can be taken back. */
  readonly wayBack: GateSpec | null;
  /** A plan as it was stored; undefined with what is wrong about it otherwise. */
  readPlan(record: unknown): { readonly plan: P } | { readonly why: string };
  /** Which of the plan's hosts works in this role; undefined for a role that no gate has. */
  hostOf(plan: P, role: string): string | undefined;
  /** The lines of the bound text that are its own. Throws a RangeError where a value could not be one. */
  bound(plan: P): readonly (readonly string[])[];
  /** Less of it, with all that the rest depends on; undefined when that is not possible. */
  narrow(plan: P, parts: readonly string[]): P | undefined;
  /** What would take back a kept change; undefined when it cannot be. */
  reverse(plan: P): P | undefined;
  /** By its own catalogue, whatever was stored; undefined when it knows no such plan. */
  riskOf(plan: P): Risk | undefined;
  /** One line for lists: what it is about. */
  title(plan: P): string;
  /** `word`: random letters and digits that frame the answer. `approved` null = its gate is not open by approvals that count now. */
  order(change: Change<P>, deed: Deed, word: string, approved: Approved | null): Order;
  observe(change: Change<P>, deed: Deed, answer: CommandResult, word: string, now: Date): Observation;
  proving(change: Change<P>): Proving | null;
}

/** The bound text, and the signatures of it by those who approved. */
export interface Approved {
  readonly text: string;
  readonly signatures: readonly string[];
}

export type AnyKind = Kind<AnyPlan>;

/** Those that a change of this kind has, in order. */
export function gatesOf(kind: AnyKind, { reverts }: Pick<Change, 'reverts'>): readonly GateSpec[] {
  if (reverts === null) return kind.gates;
  return kind.wayBack === null ? [] : [kind.wayBack];
}

export function gateSpec(kind: AnyKind, change: Pick<Change, 'reverts'>, index: number): GateSpec | undefined {
  return gatesOf(kind, change)[index];
}

/** By name. */
export type Kinds = ReadonlyMap<string, AnyKind>;

/** By how much a press prolongs a trial. */
export const EXTENDED_MINUTES = 10;

/** Names one press to extend: the same however often this press is carried out, and of no other press of this change. */
export function extendToken({ state }: Pick<Change, 'state'>): string {
  const wish = 'wish' in state ? state.wish : null;
  return wish?.what === 'extend' ? wish.at.getTime().toString(36) : '';
}
