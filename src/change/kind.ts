/** What a kind of change is: its gates as data, and pure functions from a change to an order, and from a host's answer to what it says. */
import type { AnyPlan, Change, Gate, Proof, Remark, RevertReason, Wish } from '#domain/change.ts';
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
  /** Nothing is done before it to the host that the change is for: it takes all approvals that the rule asks for. */
  readonly first: boolean;
  /** What was approved in time may wait so many minutes for its hosts once the gate has expired. */
  readonly patience: number;
  /** While it works behind this gate, its host may say nothing for so many minutes before the outcome is unknown. */
  readonly silence: number;
}

/** What a host is told: to do the work behind the gate, to say how that stands, or what somebody wishes. */
export type Deed = 'begin' | 'look' | Wish['what'];

export interface Order {
  readonly input: CommandInput;
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** What must be on the host before it is told. Of an order to begin; it changes nothing but files of the account. */
  readonly carry?: Carry;
}

/** Files that the bot copies from one of the change's hosts to another, by way of itself, in portions that resume. */
export interface Carry {
  readonly from: Pick<Gate, 'host' | 'hostKey'>;
  readonly files: readonly CarriedFile[];
  /** The first file is a manifest: its lines `file<TAB>SHA256<TAB>BYTES<TAB>NAME` name files beside it, which go beside the copy. */
  readonly lists: boolean;
}

/** Paths are absolute, or relative to the account's home; none has "..". `sha256`: 64 hex digits. */
export interface CarriedFile {
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
  readonly mostBytes: number;
}

/** A file that is kept with the change when the work behind a gate has ended, so that people have it without the host. */
export interface Keepsake {
  readonly name: string;
  /** Whose file it is. */
  readonly role: string;
  readonly path: string;
  readonly mostBytes: number;
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
      /** What the host has measured of it: a proof, without a sample of ours. */
      readonly measured?: Omit<Proof, 'at'>;
    }
  | { readonly kind: 'extended'; readonly reverts: Date }
  /** The host is as it was. `asked`: because somebody asked for that. */
  | { readonly kind: 'undone'; readonly why: RevertReason; readonly remarks: readonly Remark[] }
  /** Nothing was changed by the work behind this gate. */
  | { readonly kind: 'refused'; readonly failure: ChangeFailure }
  /** The host has never heard of it. Where its order can be given again it is, else nothing was changed. */
  | { readonly kind: 'not-begun' }
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
  /** Whether a change with this plan has this gate of `gates`; without this method it has all. */
  hasGate?(plan: P, name: string): boolean;
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
  /** Of the gate whose work is under way. */
  keepsakes?(change: Change<P>): readonly Keepsake[];
}

/** The bound text, and the signatures of it by those who approved. */
export interface Approved {
  readonly text: string;
  readonly signatures: readonly string[];
}

export type AnyKind = Kind<AnyPlan>;

/** Those that this change has, in order. */
export function gatesOf(kind: AnyKind, { plan, reverts }: Pick<Change, 'plan' | 'reverts'>): readonly GateSpec[] {
  if (reverts === null) return kind.gates.filter(({ name }) => kind.hasGate?.(plan, name) ?? true);
  return kind.wayBack === null ? [] : [kind.wayBack];
}

export function gateSpec(kind: AnyKind, change: Pick<Change, 'plan' | 'reverts'>, index: number): GateSpec | undefined {
  return gatesOf(kind, change)[index];
}

/** Of the gate that is open, or whose work is under way; undefined when the change is over. */
export function openSpec(kind: AnyKind, change: Pick<Change, 'plan' | 'reverts' | 'state'>): GateSpec | undefined {
  const { state } = change;
  return state.kind === 'ended' ? undefined : gateSpec(kind, change, state.gate);
}

/** One host is two of its hosts, such as the one that builds and the one that boots what was built. */
export function isOwnBuilder(kind: AnyKind, change: Pick<Change, 'plan' | 'reverts'>): boolean {
  const hosts = new Map(gatesOf(kind, change).map(({ role }) => [role, kind.hostOf(change.plan, role)]));
  return new Set(hosts.values()).size < hosts.size;
}

/** Until when the open gate's work, once it is approved, may wait for its hosts; null = no gate is open. */
export function waitsUntil(kind: AnyKind, change: Pick<Change, 'plan' | 'reverts' | 'state' | 'gates'>): Date | null {
  const { state, gates } = change;
  const expiresAt = state.kind === 'ended' ? null : gates[state.gate]?.expiresAt;
  if (expiresAt == null) return null;
  return new Date(expiresAt.getTime() + (openSpec(kind, change)?.patience ?? 0) * MINUTE_MS);
}

const MINUTE_MS = 60_000;

/** By name. */
export type Kinds = ReadonlyMap<string, AnyKind>;

/** By how much a press prolongs a trial. */
export const EXTENDED_MINUTES = 10;

/** Names one press to extend: the same however often this press is carried out, and of no other press of this change. */
export function extendToken({ state }: Pick<Change, 'state'>): string {
  const wish = 'wish' in state ? state.wish : null;
  return wish?.what === 'extend' ? wish.at.getTime().toString(36) : '';
}
