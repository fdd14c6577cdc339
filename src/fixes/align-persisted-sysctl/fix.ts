import { compareSysctl, sysctlText } from '#diagnosis/sysctl-value.ts';
import { ALLOWED } from '#domain/allowed-sysctls.ts';
import { fact, named } from '#domain/fact.ts';
import { isAllowed } from '#domain/out-of-bounds.ts';
import type { Reading } from '#domain/reading.ts';
import type { PersistedKey, PersistedSysctls } from '#evidence/persisted-sysctls.ts';
import { SYSCTL_KEYS, type SysctlKey } from '#evidence/sysctls.ts';
import { defineFix, refused, set } from '../fix.ts';

/** Keys that a change may write at all. */
const KEYS = SYSCTL_KEYS.filter((key) => ALLOWED.has(key));
const LIVE = KEYS.map((key) => `sysctl:${key}` as const);

type Live = Readonly<Record<string, Reading<unknown>>>;

/** The value in force is kept, and the file that the next boot reads last is made to say the same. */
/** The file is written when somebody keeps the change, which is within the hour. */
const WHEN_KEPT = 3600;

export const fix = defineFix({
  id: 'align-persisted-sysctl',
  risk: 'medium',
  writes: KEYS,
  cures: ['sysctl-drift'],
  needs: ['persisted-sysctls'],
  uses: LIVE,

  plan({ now: { 'persisted-sysctls': persisted }, maybe }) {
    const drifting = driftingIn(persisted, maybe);
    const safe = drifting.filter(({ key, live }) => isAllowed(key, live, live));
    const facts = {
      drifting: fact(
        drifting.length,
        'none',
        'keys whose value in force is not what the files say, of those a change may write',
      ),
      keys: named(safe.map(({ key }) => key).join(', ') || null, 'drifting, with a value that is safe to keep'),
      file: named(drifting[0]?.file ?? null, 'persisted-sysctls: the file that wins at boot'),
    };
    if (drifting.length === 0) return refused('not-needed', facts);
    if (safe.length === 0) return refused('not-safe', facts);
    return set(
      safe.map(({ key, live }) => ({ key, to: live })),
      facts,
      [{ number: 'drifting', wants: 'at-most', value: drifting.length - safe.length, within: WHEN_KEPT }],
    );
  },

  measure({ now: { 'persisted-sysctls': persisted }, maybe }) {
    return { drifting: fact(driftingIn(persisted, maybe).length, 'none', 'persisted-sysctls, sysctls') };
  },
});

interface Drift {
  readonly key: SysctlKey;
  readonly live: string;
  readonly file: string;
}

function driftingIn({ keys }: PersistedSysctls, live: Live): readonly Drift[] {
  return keys.flatMap((entry) => driftOf(entry, live));
}

function driftOf({ key: name, boot }: PersistedKey, live: Live): readonly Drift[] {
  const key = KEYS.find((known) => known === name);
  const reading = key && live[`sysctl:${key}`];
  if (key === undefined || boot === null || reading?.kind !== 'read') return [];
  if (compareSysctl(key, reading.value, boot.value) === 'same') return [];
  return [{ key, live: sysctlText(reading.value), file: `${boot.file}:${boot.line}` }];
}
