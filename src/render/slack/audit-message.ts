/** Records of the audit trail as a message: in the trail's own terms, which are the same in every language, and calling nobody. */
import type { AuditRecord } from '#change/audit.ts';
import { notification, type SlackMessage } from './message.ts';
import { bullets, code, type Piece, plain, rich } from './rich.ts';

/** Enough of a digest to compare with `tcp-oncall audit export`; the newest one's is there whole. */
const DIGITS = 16;
const LONGEST_DETAILS = 400;

export function auditMessage(records: readonly AuditRecord[]): SlackMessage {
  const [first, last] = [records[0], records.at(-1)];
  const head = [...plain(`head ${last?.seq} `), ...code(last?.digest ?? '')];
  return {
    text: notification(`audit ${first?.seq}-${last?.seq}`),
    blocks: [rich(bullets([...records.map(item), head]))],
  };
}

/** No post is known of: this is the first time, or somebody has deleted the position. */
export function beginMessage(first: number): SlackMessage {
  const said = `audit: posts begin here, at record #${first}`;
  return { text: notification(said), blocks: [rich(bullets([plain(said)]))] };
}

/** The number of the newest post was changed in Redis: some records may not have come here. */
export function gapMessage(from: number): SlackMessage {
  const said = `audit: the position of these posts was changed in Redis. Records up to #${from} may be missing here. Run: tcp-oncall audit verify`;
  return { text: notification(said), blocks: [rich(bullets([plain(said)]))] };
}

function item({ seq, at, change, host, event, from, to, actor, details, digest }: AuditRecord): readonly Piece[] {
  const said = [at, host, change, event, from === to ? to : `${from ?? ''} → ${to ?? ''}`, actor?.id]
    .filter((word) => word !== null && word !== undefined && word !== ' → ')
    .join('  ');
  const more = JSON.stringify(details);
  const shown = more === '{}' ? '' : `  ${more.slice(0, LONGEST_DETAILS)}`;
  return [...plain(`#${seq}  ${said}${shown}  `), ...code(digest.slice(0, DIGITS))];
}
