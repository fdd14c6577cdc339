/** The one kind of change that there is, and its gates as the policy knows them. */
import type { PolicyGate } from './policy.ts';

export const SYSCTL = 'sysctl';

export const APPLY: PolicyGate = { name: 'apply', first: true };

export const KEEP: PolicyGate = { name: 'keep', first: false };
