/** Sysctl values set in files, and which file wins: at boot (systemd-sysctl, or the distribution's init) and with `sysctl --system`. */
import type { Source } from '#domain/evidence.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { fragment } from './fragment.ts';
import { eachKind, type LineReader } from './lines.ts';
import { type BootOrder, inBootOrder, inSystemOrder, isBootOrder } from './sysctl-order.ts';

export interface PersistedValue {
  readonly key: string;
  /** Blanks between numbers are one space. */
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface PersistedKey {
  readonly key: string;
  /** What the next boot sets, and the file that says so; null when only `sysctl --system` reads a file that sets it. */
  readonly boot: PersistedValue | null;
  /** What `sysctl --system` would set; null when it reads no file that sets it. */
  readonly system: PersistedValue | null;
  /** Every other assignment of the key, in the order they are applied. */
  readonly shadowed: readonly PersistedValue[];
}

export interface PersistedSysctls {
  readonly keys: readonly PersistedKey[];
  /** The active tuned profile; null = tuned not found. Its sysctl values are applied after boot over the files. */
  readonly tuned: { readonly profile: string; readonly values: readonly PersistedValue[] } | null;
  readonly unreadableFiles: readonly string[];
}

export const persistedSysctls: Source<PersistedSysctls> = {
  name: 'persisted-sysctls',
  cadence: 'between',
  script: fragment('persisted-sysctls'),
  limit: 5,
  parse: parsePersistedSysctls,
};

interface Draft {
  order?: BootOrder;
  profile?: string;
  readonly files: string[];
  readonly values: PersistedValue[];
  readonly tuned: PersistedValue[];
  readonly unreadable: string[];
}

export function parsePersistedSysctls(text: string): Reading<PersistedSysctls> {
  const draft: Draft = { files: [], values: [], tuned: [], unreadable: [] };
  const trouble = eachKind(text, draft, LINES);
  if (trouble !== undefined) return trouble;
  if (draft.order === undefined) return garbled(1, 'no order line');
  const { profile, tuned } = draft;
  return read({
    keys: winners(draft, draft.order),
    tuned: profile === undefined ? null : { profile, values: tuned },
    unreadableFiles: draft.unreadable,
  });
}

const LINES: Readonly<Record<string, LineReader<Draft>>> = {
  order(draft, _, rest) {
    if (!isBootOrder(rest)) return false;
    draft.order = rest;
    return true;
  },
  file: (draft, [path]) => path !== undefined && draft.files.push(path) > 0,
  unreadable: (draft, _, rest) => draft.unreadable.push(rest) > 0,
  set: (draft, _, rest) => add(draft.values, rest),
  tuned(draft, _, rest) {
    draft.profile = rest;
    return true;
  },
  'tuned-set': (draft, _, rest) => add(draft.tuned, rest),
};

/** `PATH:LINE:key = value`; a line without `=` is skipped by sysctl(8) too. */
function add(list: PersistedValue[], text: string): boolean {
  const match = /^(?<file>\/[^:]*):(?<line>\d+):\s*-?\s*(?<rest>.*)$/.exec(text)?.groups;
  if (match === undefined) return false;
  const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(match['rest'] ?? '') ?? [];
  if (key !== undefined && value !== undefined)
    list.push({
      key: key.replaceAll('/', '.'),
      value: value.trim().replaceAll(/\s+/g, ' '),
      file: match['file'] ?? '',
      line: Number(match['line']),
    });
  return true;
}

function winners({ files, values }: Draft, order: BootOrder): readonly PersistedKey[] {
  const boot = assignments(inBootOrder(files, order), values);
  const system = assignments(inSystemOrder(files, order), values);
  const keys = [...new Set(values.map(({ key }) => key))].sort();
  return keys.flatMap((key) => {
    const all = boot.filter((value) => value.key === key);
    const [last, lastOfSystem] = [all.at(-1), system.findLast((value) => value.key === key)];
    if (last === undefined && lastOfSystem === undefined) return [];
    const shadowed = all.filter((value) => value !== last);
    return [{ key, boot: last ?? null, system: lastOfSystem ?? null, shadowed }];
  });
}

/** What the files set, in the order they are applied. */
function assignments(files: readonly string[], values: readonly PersistedValue[]): readonly PersistedValue[] {
  return files.flatMap((file) => values.filter((value) => value.file === file));
}
