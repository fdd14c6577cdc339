/** Puts a stopwatch around the change helper of a lab host: how long it ran for each change it applied, by the host's own clock. */
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import type { Lab } from '#lab/lab.ts';

const REAL = `${HELPER_PATH}-real`;
const TIMES = '/var/lib/helper-times';

/** sudo's rule and the timer know the helper's path, so that is where the stopwatch goes; what it takes itself is not counted as the helper's. */
const STOPWATCH = `#!/bin/sh
[ "$3" = apply ] || exec ${REAL} "$@"
began=$(date +%s%N)
${REAL} "$@"
status=$?
echo "$4 $began $(date +%s%N)" >>${TIMES}
exit $status
`;

export async function timeHelper(lab: Lab, host: string): Promise<void> {
  const script = `mv ${HELPER_PATH} ${REAL} && cat >${HELPER_PATH} && chmod 755 ${HELPER_PATH}`;
  const { status, stderr } = await lab.exec(host, ['sh', '-c', script], { input: STOPWATCH });
  if (status !== 0) throw new Error(`The helper of ${host} gets no stopwatch: ${stderr}`);
}

/** Milliseconds, by change. */
export async function helperTimes(lab: Lab, host: string): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await lab.exec(host, ['cat', TIMES]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return new Map(lines.map(([id = '', began, ended]) => [id, Number(BigInt(ended ?? 0) - BigInt(began ?? 0)) / 1e6]));
}
