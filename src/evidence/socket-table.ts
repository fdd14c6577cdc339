/** What answers for the socket table: listeners, sockets, and the looks at the accept queues. */
import type { Probe } from '#domain/evidence.ts';
import { sentText } from './fragment.ts';

function quoted(name: string): string {
  return `'${sentText(`src/evidence/${name}.sh`).replaceAll("'", `'\\''`)}'`;
}

export const socketTable: Probe = {
  script: `
table() {
begin "$1"
answer=$(exec \${LIMIT:+\${LIMIT% *} $2} sh -c "$COMMON$3" 2>/dev/null)
status=$?
printf '%s\\n' "$answer"
end "$1" $status
}
[ "$SAMPLE" = 1 ] || table accept-queues $((INTERVAL + 5)) ${quoted('accept-queues')}
table listeners 5 ${quoted('listeners')}
table sockets 20 ${quoted('sockets')}
[ $status != 0 ] || SOCKETS=$answer
`,
};
