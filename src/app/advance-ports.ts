/** What a worker needs that works on a change. */
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import type { DecideTools } from './decide-ports.ts';
import type { CopyFile, ReadFile, RunOnHost } from './ports.ts';

export interface AdvanceTools extends Omit<DecideTools, 'groupsOf'> {
  readonly run: RunOnHost;
  readonly copy: CopyFile;
  readonly read: ReadFile;
  /** Random letters and digits that frame an answer. */
  readonly word: () => string;
  /** A host of this worker's inventory, or why it is none. */
  readonly findHost: (name: string) => Promise<Host | CheckFailure>;
}
