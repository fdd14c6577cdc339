/** What answers for the socket table: listeners, sockets, and the looks at the accept queues. */
import type { Probe } from '#domain/evidence.ts';
import { sentText } from './fragment.ts';

/** One program in three languages, for what a host may have; socket-table.sh runs the first that works. */
const PROGRAMS = { TABLE_PL: 'socket-table.pl', TABLE_PY: 'socket-table.py', TABLE_AWK: 'socket-table.awk' };

export const socketTable: Probe = {
  script: [
    ...Object.entries(PROGRAMS).map(([name, file]) => `${name}=${quoted(sentText(`src/evidence/${file}`))}`),
    sentText('src/evidence/socket-table.sh'),
  ].join('\n'),
};

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
