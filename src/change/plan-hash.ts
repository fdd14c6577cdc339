/** What an approval is bound to: SHA-256 over everything that will be written where, for how long, and how it is undone. */
import { createHash } from 'node:crypto';
import { canonical } from '#domain/canonical.ts';
import type { Plan } from '#domain/plan.ts';

/** 64 hex digits. */
export function planHash({ fix, host, netns, steps }: Plan, revertMinutes: number): string {
  const written = steps.map(({ key, from, to, scope }) => ({ key, from, to, scope }));
  const undone = steps.map(({ key, from }) => ({ key, to: from })).toReversed();
  const bound = { version: 1, fix, host, netns, steps: written, undo: undone, revertMinutes };
  return createHash('sha256').update(canonical(bound)).digest('hex');
}
