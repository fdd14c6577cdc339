/** Sysctl values set in files, and which file wins: at boot (systemd-sysctl, or the distribution's init) and with `sysctl --system`. */
import { groupBy } from '#domain/group-by.ts';
import { garbled, type Reading, read } from '#domain/reading.ts';
import { defineSource } from './fragment.ts';
import { addUpTo, eachKind, type LineReader } from './lines.ts';
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

export const persistedSysctls = defineSource({
  name: 'persisted-sysctls',
  parse: parsePersistedSysctls,
});

/** The fragment prints 300 assignments; a write to /proc/sys takes a page at most. */
const MOST = 1000;
const LONGEST_VALUE = 4096;

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
  file: (draft, [path]) => path !== undefined && addUpTo(MOST, draft.files, path),
  unreadable: (draft, _, rest) => addUpTo(MOST, draft.unreadable, rest),
  set: (draft, _, rest) => add(draft.values, rest),
  tuned(draft, _, rest) {
    draft.profile = rest;
    return true;
  },
  'tuned-set': (draft, _, rest) => add(draft.tuned, rest),
};

/** `PATH:LINE:key = value`; a line without `=` is skipped by sysctl(8) too. */
function add(list: PersistedValue[], text: string): ReturnType<LineReader<Draft>> {
  const [place, file, line] = /^(\/[^:]{0,4095}):(\d{1,9}):/.exec(text) ?? [];
  if (place === undefined || file === undefined) return false;
  // Split at the sign, not matched as a whole: blanks before what cannot match can be tried in very many ways.
  const assignment = text.slice(place.length).trim().replace(/^-/, '');
  const equals = assignment.indexOf('=');
  const key = assignment.slice(0, Math.max(equals, 0)).trim();
  if (key === '' || /\s/.test(key)) return true;
  const value = assignment.slice(equals + 1).trim();
  if (value.length > LONGEST_VALUE) return 'too-long';
  const shown = value.replaceAll(/\s+/g, ' ');
  return addUpTo(MOST, list, { key: key.replaceAll('/', '.'), value: shown, file, line: Number(line) });
}

function winners({ files: named, values }: Draft, order: BootOrder): readonly PersistedKey[] {
  const files = [...new Set(named)];
  const byFile = groupBy(values, ({ file }) => file);
  const boot = byKey(inBootOrder(files, order), byFile);
  const system = byKey(inSystemOrder(files, order), byFile);
  const keys = [...new Set(values.map(({ key }) => key))].sort();
  return keys.flatMap((key) => {
    const all = boot.get(key) ?? [];
    const [last, lastOfSystem] = [all.at(-1), system.get(key)?.at(-1)];
    if (last === undefined && lastOfSystem === undefined) return [];
    return [{ key, boot: last ?? null, system: lastOfSystem ?? null, shadowed: all.slice(0, -1) }];
  });
}

type Values = ReadonlyMap<string, readonly PersistedValue[]>;

/** What the files set, by key, in the order they are applied. */
function byKey(files: readonly string[], byFile: Values): Values {
  const applied = files.flatMap((file) => byFile.get(file) ?? []);
  return groupBy(applied, ({ key }) => key);
}
