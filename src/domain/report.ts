/** A report: everything one check of one host came to, in no language. */
import type { ReasonCode } from '#domain/reading.ts';
import type { Verdict } from '#domain/verdict.ts';

export interface Report {
  readonly host: string;
  /** The key that the host showed, as `ssh-keygen -l` prints it; null in a first sample's report, and in an earlier version's. */
  readonly hostKey: string | null;
  readonly startedAt: Date;
  /** Seconds asked for between the samples. */
  readonly interval: number;
  /** 1 when the check ended before the second sample was complete. */
  readonly samples: 1 | 2;
  /** `uname -r`; null when it could not be read. */
  readonly kernel: string | null;
  readonly distribution: string | null;
  /** In the order to show them: findings first, worst first. */
  readonly verdicts: readonly Verdict[];
  /** Sources that gave no value; those that the host does not have are not listed. */
  readonly unreadable: readonly Unread[];
  /** Why the second sample is missing; null when it is not. */
  readonly interruption: CheckFailure | null;
  /** Null also where it could not be looked up. */
  readonly drift: KernelDrift | null;
}

/** A kernel that a change kept on the host, and that does not run. */
export interface KernelDrift {
  /** The change's id. */
  readonly change: string;
  /** Of TIME_WAIT, in that kernel. */
  readonly seconds: number;
}

export interface Unread {
  readonly source: string;
  readonly sample: 1 | 2;
  readonly code: ReasonCode;
  readonly what: string;
}

/** Every way a host can turn out not to be checkable. */
export const FAILURES = [
  'timed-out',
  'aborted',
  'too-much-output',
  'connection-lost',
  'unreachable',
  'refused',
  'proxy-failed',
  'no-ssh',
  'ssh-unfit',
  'host-key-unknown',
  'host-key-changed',
  'host-key-revoked',
  'host-key-other',
  'known-hosts-unreadable',
  'authentication-failed',
  'no-shell',
  'no-sample',
  'not-in-inventory',
  'judging-timed-out',
  'judging-too-large',
  'judging-failed',
] as const;

type FailureKind = (typeof FAILURES)[number];

/** Why a host could not be checked; each surface has its own sentence for each kind, over `details`. */
export interface CheckFailure {
  readonly kind: FailureKind;
  readonly details: Readonly<Record<string, string | number>>;
}
