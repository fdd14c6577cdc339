/** Records of the audit trail as a message: in the trail's own terms, which are the same in every language, and calling nobody. */
import type { AuditRecord } from '#change/audit.ts';
import { messageOf, type SlackMessage } from './message.ts';
import { bullets, code, type Piece, plain } from './rich.ts';

/** Enough of a digest to compare with `tcp-oncall audit export`; the newest one's is there whole. */
const DIGITS = 16;
const LONGEST_DETAILS = 400;

export function auditMessage(records: readonly AuditRecord[]): SlackMessage {
  const [first, last] = [records[0], records.at(-1)];
  const head = [...plain(`head ${last?.seq} `), ...code(last?.digest ?? '')];
  return messageOf(`audit ${first?.seq}-${last?.seq}`, bullets([...records.map(item), head]));
}

/** No post is known of: this is the first time, or somebody has deleted the position. */
export function beginMessage(first: number): SlackMessage {
  return bulletOf(`audit: posts begin here, at record #${first}`);
}

/** The number of the newest post was changed in Redis: some records may not have come here. */
export function gapMessage(from: number): SlackMessage {
  return bulletOf(
    `audit: the position of these posts was changed in Redis. Records up to #${from} may be missing here. Run: tcp-oncall audit verify`,
  );
}

function bulletOf(said: string): SlackMessage {
  return messageOf(said, bullets([plain(said)]));
}

function item({ seq, at, change, host, event, from, to, actor, details, digest }: AuditRecord): readonly Piece[] {
  const said = [at, host, change, event, from === to ? to : `${from ?? ''} → ${to ?? ''}`, actor?.id]
    .filter((word) => word !== null && word !== undefined && word !== ' → ')
    .join('  ');
  const more = JSON.stringify(details);
  const shown = more === '{}' ? '' : `  ${more.slice(0, LONGEST_DETAILS)}`;
  return [...plain(`#${seq}  ${said}${shown}  `), ...code(digest.slice(0, DIGITS))];
}
