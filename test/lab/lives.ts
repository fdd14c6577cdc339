/** Whether a process still runs something. A zombie does not: its parent only has not looked yet. */
import { readFileSync } from 'node:fs';

export function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
