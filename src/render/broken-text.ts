/** A page or template that cannot be used, ours or the site's; the message is one sentence that names the file. */
export class BrokenTextError extends Error {
  override readonly name = 'BrokenTextError';
}

/** Runs `work`; what it throws becomes a BrokenTextError about this file. */
export function aboutFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw brokenText(path, cause);
  }
}

export function brokenText(path: string, cause: unknown): BrokenTextError {
  if (cause instanceof BrokenTextError) return cause;
  const said = (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, ' ').trim();
  return new BrokenTextError(`${said.startsWith(path) ? said : `${path}: ${said}`}`.replace(/\.?$/, '.'), { cause });
}
