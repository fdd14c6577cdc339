/** Signals a process that we started `detached`, with all that it started and that is still of its group. */
export function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  // It could not be started.
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // None is left.
  }
}
