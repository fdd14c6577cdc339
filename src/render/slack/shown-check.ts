/** What a card and its thread show of a run. */
import type { Check } from '#domain/check.ts';
import type { Comparison } from '#domain/compare-reports.ts';
import type { Unready } from '#domain/helper-state.ts';
import type { Report } from '#domain/report.ts';
import type { ReportDocument } from '#render/document.ts';

export interface ShownCheck {
  readonly run: Check;
  /** The whole report once there is one. */
  readonly report: Report | null;
  /** It, or until then that of the first sample, put into words. */
  readonly document: ReportDocument | null;
  /** With the report before it; null when there is none. */
  readonly comparison: Comparison | null;
  /** Fixes that have a plan for something that was found. */
  readonly fixes: readonly string[];
  /** Why the host would take none of them, or not the first of them. */
  readonly unready?: Unready | null;
  /** A kernel with a shorter TIME_WAIT would answer something that was found, and the policy has a rule for it. */
  readonly kernel?: boolean;
  /** The person who asked for this card. */
  readonly askedBy: string;
}
