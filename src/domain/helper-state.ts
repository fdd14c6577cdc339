/** Whether a host is ready for changes: what a check saw of the helper that applies them, and what a plan needs of it. */
import type { Reading } from './reading.ts';

/** What the helper and we speak; another number is refused by either. */
export const PROTOCOL = 2;

/** The helper refuses an order with more. */
export const MOST_SIGNATURES = 8;

/** The helper is on the host; an account that may not run it learns no version. */
export type ChangeHelper =
  | { readonly kind: 'runs'; readonly version: number; readonly protocol: number }
  /** `said`: by sudo. */
  | { readonly kind: 'no-rights'; readonly said: string };

export const UNREADY = ['not-set-up', 'no-rights', 'too-old', 'other-protocol'] as const;

/** Why a host takes no change. `has` and `needs`: versions, or protocols, or what sudo said. */
export interface Unready {
  readonly why: (typeof UNREADY)[number];
  readonly has: string;
  readonly needs: string;
}

/**
 * Why a helper of at least version `needed` is not there. Null also when it could not be looked at: not known is not the
 * same as absent, and the helper itself will say.
 */
export function whyUnready(helper: Reading<ChangeHelper>, needed: number): Unready | null {
  if (helper.kind === 'absent') return { why: 'not-set-up', has: '', needs: '' };
  if (helper.kind !== 'read') return null;
  const found = helper.value;
  if (found.kind === 'no-rights') return { why: 'no-rights', has: found.said, needs: '' };
  const { version, protocol } = found;
  if (protocol !== PROTOCOL) return { why: 'other-protocol', has: String(protocol), needs: String(PROTOCOL) };
  return version < needed ? { why: 'too-old', has: String(version), needs: String(needed) } : null;
}
