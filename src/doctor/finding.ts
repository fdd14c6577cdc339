/** One thing the doctor looked at. What was not looked at is never fine. */
import type { Subject } from '#render/words.ts';

export interface Finding {
  readonly subject: Subject;
  readonly kind: 'fine' | 'broken' | 'unchecked';
  /** What the words of this subject and kind name. */
  readonly details: Readonly<Record<string, string | number>>;
  /** A sentence and a remedy that are worded already, as those of a host are. */
  readonly worded?: { readonly message: string; readonly next: string };
}
