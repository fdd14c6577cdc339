/** A wire over which no file goes. */
import type { AdvanceTools } from '#app/advance-ports.ts';

const FAILED = { kind: 'failed', failure: { code: 'no-file', detail: '' } } as const;

export const NO_FILES: Pick<AdvanceTools, 'copy' | 'read'> = { copy: async () => FAILED, read: async () => FAILED };
