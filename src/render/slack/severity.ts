/** A severity's mark: never by colour alone, its word stands beside it. */
import type { VerdictDocument } from '#render/document.ts';

const MARKS = { crit: 'red_circle', warn: 'large_orange_circle', info: 'large_blue_circle' } as const;

export const MARK = {
  healthy: 'white_check_mark',
  partly: 'ballot_box_with_check',
  waiting: 'hourglass_flowing_sand',
  failed: 'warning',
  cancelled: 'black_square_for_stop',
} as const;

export function severityMark(severity: VerdictDocument['severity']): string {
  return MARKS[severity ?? 'info'];
}
