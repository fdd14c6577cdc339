import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { compareSysctl, showSysctl } from '#diagnosis/sysctl-value.ts';
import { type Facts, fact, flag, named, rows, type Scalar } from '#domain/fact.ts';
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { PersistedKey, PersistedSysctls, PersistedValue } from '#evidence/persisted-sysctls.ts';
import { SYSCTL_KEYS, type SysctlKey } from '#evidence/sysctls.ts';

const LIVE = SYSCTL_KEYS.map((key) => `sysctl:${key}` as const);

type Live = Readonly<Record<`sysctl:${SysctlKey}`, Reading<unknown>>>;

/** A key that files set, and what is in force. */
type Compared = PersistedKey & { readonly key: SysctlKey } & (
    | { readonly kind: 'agrees' }
    | { readonly kind: 'drifts'; readonly live: string; readonly refused: boolean }
    | { readonly kind: 'tuned'; readonly live: string }
    | { readonly kind: 'dead' }
    | { readonly kind: 'unseen'; readonly why: Missing }
  );

type Kind = Compared['kind'];

export const diagnosis = defineDiagnosis({
  id: 'sysctl-drift',
  area: 'configuration',
  needs: ['persisted-sysctls'],
  uses: LIVE,

  judge({ now, maybe }) {
    const persisted = now['persisted-sysctls'];
    const compared = persisted.keys.flatMap((entry) => compare(entry, persisted, maybe));
    const conflicts = compared.filter(winnersDiffer);
    const facts = driftFacts(compared, conflicts, persisted);
    if (ofKind(compared, 'drifts').length + conflicts.length > 0) return found('warn', facts);
    if (ofKind(compared, 'dead').length + ofKind(compared, 'tuned').length > 0) return found('info', facts);
    const blockedBy = notSeen(compared, persisted);
    return blockedBy === undefined ? ruledOut(facts) : undecided(blockedBy);
  },
});

/** Nothing for keys this tool does not read, or that have a diagnosis of their own. */
function compare(entry: PersistedKey, { tuned }: PersistedSysctls, maybe: Live): readonly Compared[] {
  const key = SYSCTL_KEYS.find((known) => known === entry.key);
  if (key === undefined || isTwRecycle(entry)) return [];
  const live = maybe[`sysctl:${key}`];
  const base = { ...entry, key };
  if (entry.boot === null) return [{ ...base, kind: 'agrees' }];
  if (live.kind === 'absent') return [{ ...base, kind: 'dead' }];
  if (live.kind !== 'read') return [{ ...base, kind: 'unseen', why: live }];
  const comparison = compareSysctl(key, live.value, entry.boot.value);
  if (comparison === 'same') return [{ ...base, kind: 'agrees' }];
  const shown = showSysctl(live.value);
  const byTuned = tuned?.values.some((value) => value.key === key && tunedGives(key, live.value, value)) ?? false;
  if (byTuned) return [{ ...base, kind: 'tuned', live: shown }];
  return [{ ...base, kind: 'drifts', live: shown, refused: comparison === 'refused' }];
}

/** A line that switches it on is what tw-recycle-enabled looks for; one that switches it off is an ordinary line. */
function isTwRecycle({ key, boot }: PersistedKey): boolean {
  return key === 'net.ipv4.tcp_tw_recycle' && boot !== null && boot.value !== '0';
}

/** tuned writes `>2048` for "at least 2048"; what a variable stands for is not known here. */
function tunedGives(key: SysctlKey, live: unknown, { value }: PersistedValue): boolean {
  return value.includes('${') || compareSysctl(key, live, value.replaceAll(/^[<>]|"/g, '')) === 'same';
}

/** The next boot and the next `sysctl --system` would leave different values. */
function winnersDiffer({ boot, system }: PersistedKey): boolean {
  return system !== null && system.value !== boot?.value;
}

function ofKind<K extends Kind>(compared: readonly Compared[], kind: K) {
  return compared.filter((one): one is Extract<Compared, { kind: K }> => one.kind === kind);
}

/** What keeps "everything is as the files say" from being said. */
function notSeen(compared: readonly Compared[], { unreadableFiles }: PersistedSysctls): Missing | undefined {
  const [file] = unreadableFiles;
  return file === undefined ? ofKind(compared, 'unseen')[0]?.why : unreadable('no-permission', file);
}

function driftFacts(compared: readonly Compared[], conflicts: readonly Compared[], { tuned }: PersistedSysctls): Facts {
  const drifts = ofKind(compared, 'drifts').map((one) => ({
    ...settingFacts(one),
    live: inForce(one.key, one.live),
    refused: flag(one.refused, 'the kernel takes no such value'),
    shadowed: named(one.shadowed.map(placeAndValue).join('; ') || null, 'persisted-sysctls: other files that set it'),
    late: flag(isModules(one.key), 'the key exists only once a kernel module is loaded'),
  }));
  const dead = ofKind(compared, 'dead').map((one) => ({
    ...settingFacts(one),
    late: flag(isModules(one.key), 'the key exists only once a kernel module is loaded'),
  }));
  const byTuned = ofKind(compared, 'tuned').map((one) => ({ ...settingFacts(one), live: inForce(one.key, one.live) }));
  return {
    compared: fact(compared.length || null, 'none', 'persisted-sysctls: keys set in files, of those this check reads'),
    ...listFacts('drifts', 'drifted', drifts),
    ...listFacts('conflicts', 'conflicting', conflicts.map(conflictFacts)),
    ...listFacts('deadKeys', 'dead', dead),
    ...listFacts('byTuned', 'tuned', byTuned),
    profile: named(tuned?.profile ?? null, 'persisted-sysctls: the active tuned profile'),
  };
}

/** The list, how long it is, and how many come after the first; null for none. */
function listFacts(list: string, count: string, entries: readonly Readonly<Record<string, Scalar>>[]): Facts {
  return {
    [list]: rows(entries, 'persisted-sysctls, sysctls'),
    [count]: fact(entries.length || null, 'none', `length of ${list}`),
    [`${count}More`]: fact(Math.max(0, entries.length - 1) || null, 'none', `${count} - 1`),
  };
}

function settingFacts({ key, boot }: PersistedKey) {
  return {
    key: named(key, 'persisted-sysctls'),
    boot: named(boot === null ? null : boot.value || '""', 'persisted-sysctls: the file that wins at boot'),
    file: named(boot === null ? null : place(boot), 'persisted-sysctls'),
  };
}

function conflictFacts(entry: PersistedKey) {
  const { system } = entry;
  return {
    ...settingFacts(entry),
    system: named(system?.value || '""', 'persisted-sysctls: the file that wins with sysctl --system'),
    systemFile: named(system === null ? null : place(system), 'persisted-sysctls'),
  };
}

function inForce(key: SysctlKey, live: string): Scalar {
  return named(live, `sysctl:${key}`);
}

function place({ file, line }: PersistedValue): string {
  return `${file}:${line}`;
}

function placeAndValue(value: PersistedValue): string {
  return `${place(value)} = ${value.value}`;
}

function isModules(key: SysctlKey): boolean {
  return key.startsWith('net.netfilter.');
}
