/** The words of the policy: every kind of change and its gates. What `first` and `trial` mean is said where a kind's gates are (`GateSpec`). */
export const KNOWN_KINDS = [
  {
    name: 'sysctl',
    gates: [
      { name: 'apply', first: true, trial: false },
      { name: 'keep', first: false, trial: true },
      // Of the change that takes back a kept one.
      { name: 'revert', first: true, trial: false },
    ],
  },
  {
    name: 'kernel',
    gates: [
      // Only where the build host lacks packages.
      { name: 'prepare', first: true, trial: false },
      { name: 'build', first: true, trial: false },
      { name: 'install', first: false, trial: false },
      { name: 'boot', first: false, trial: false },
      { name: 'keep', first: false, trial: true },
      { name: 'rollback', first: true, trial: false },
    ],
  },
] as const;
