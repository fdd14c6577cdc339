/** `tcp-oncall approver-key`: makes a key that only its owner's machine has. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeApproverKey } from '#change/signature.ts';
import { fill } from '#render/words.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { keyFile, reasonOf } from './identity.ts';

export async function makeKey({ options, session }: Call<{ readonly key?: string }>): Promise<Status> {
  const { cli } = await session.changeWords();
  const file = keyFile(options.key);
  const { privateKey, publicKey } = makeApproverKey();
  try {
    // A place that was named must be there: it may be misspelt.
    if (options.key === undefined) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, privateKey, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw new UsageError(fill(exists ? cli.keyThere : cli.noPlace, { file, why: reasonOf(error) }));
  }
  session.stderr.write(`${fill(cli.keyMade, { file })}\n`);
  session.stdout.write(`${publicKey}\n`);
  return STATUS.nothing;
}
