/** What a kernel release says about itself; a file or a counter that exists says more, since vendors carry later features back. */

/** Whether `uname -r` names at least this release; a text without a release is taken for a new one. */
export function kernelAtLeast(release: string, major: number, minor: number): boolean {
  const [, a, b] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (a === undefined || b === undefined) return true;
  return Number(a) > major || (Number(a) === major && Number(b) >= minor);
}

/**
 * Whether connect() tries ports of the range start's parity first, and bind() to port 0 the others: since 4.2
 * (commits 07f4c90062f8, 1580ab63fc9a), and in RHEL 7.
 */
export function choosesPortsByParity(release: string): boolean {
  return kernelAtLeast(release, 4, 2) || /\.el7\b/.test(release);
}
