/** The words of the policy: every kind of change and its gates. `first`: nothing of the change is done before it. */
export const KNOWN_KINDS = [
  {
    name: 'sysctl',
    gates: [
      { name: 'apply', first: true },
      { name: 'keep', first: false },
      // Of the change that takes back a kept one.
      { name: 'revert', first: true },
    ],
  },
] as const;
