/** Asks for the passphrase of a key, where there is somebody to ask. */

/** Undefined when there is no terminal, or the person would rather not say. */
export async function askPassphrase(file: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message: `Passphrase of ${file}`, output: process.stderr });
  return isCancel(answer) ? undefined : answer;
}
