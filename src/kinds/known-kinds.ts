/** The words of the policy: every kind of change, and its gates in their order. A change that takes back has the gate `revert` alone. */
export const KNOWN_KINDS = [{ name: 'sysctl', gates: ['apply', 'keep', 'revert'] }] as const;
