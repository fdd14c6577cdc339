/** What a check read, kept beside the test that failed on it, so that a rare failure can be explained: `replay DIR` judges it again. */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const KEPT_IN = join(tmpdir(), 'tcp-oncall-failures');
let checks = 0;

export interface Evidence {
  /** For `check --raw`. */
  readonly dir: string;
  /** When the test has passed, nobody needs it. */
  readonly drop: () => Promise<void>;
}

export async function keepEvidence(host: string): Promise<Evidence> {
  checks += 1;
  const dir = join(KEPT_IN, `${process.pid}-${checks}-${host}`);
  await mkdir(dir, { recursive: true });
  return { dir, drop: () => rm(dir, { recursive: true, force: true }) };
}
