/** What the change helper promises of several changes, as a model in memory. Follows docs/decisions/0004-changes-of-one-key.md. */
import type { OrderStep } from '#lab/helper-order.ts';

interface Entry {
  state: 'on-trial' | 'kept' | 'reverted';
  /** `from`: what comes back with it. `line`: what the file said of the key before. */
  readonly steps: (OrderStep & { line?: string | undefined })[];
}

export interface Model {
  readonly live: Map<string, string>;
  readonly file: Map<string, string>;
  readonly changes: ReadonlyMap<string, Entry>;
  /** Whether the helper does it. */
  readonly apply: (id: string, steps: readonly OrderStep[]) => boolean;
  readonly keep: (id: string) => boolean;
  readonly revert: (id: string) => boolean;
  readonly stands: () => object;
  /** What has to be true of a key that nobody else has touched: the newest change that has not been undone owns it. */
  readonly owned: (key: string) => { readonly live: string | undefined; readonly line: string | undefined };
}

export function createModel(first: readonly (readonly [string, string])[]): Model {
  const live = new Map(first);
  const initial = new Map(first);
  const file = new Map<string, string>();
  const changes = new Map<string, Entry>();

  const stepOf = (entry: Entry, key: string) => entry.steps.find((step) => step.key === key);
  const owners = (key: string) =>
    [...changes.values()].filter((entry) => entry.state !== 'reverted' && stepOf(entry, key) !== undefined);
  const newer = (entry: Entry, key: string) => owners(key).slice(owners(key).indexOf(entry) + 1);

  function takeBack(entry: Entry, { key, from, to, line }: Entry['steps'][number]): void {
    const above = newer(entry, key);
    const next = above[0] && stepOf(above[0], key);
    if (entry.state === 'kept' && !above.some(({ state }) => state === 'kept') && file.get(key) === to)
      setLine(key, line);
    if (next === undefined) {
      if (live.get(key) === to) live.set(key, from);
      return;
    }
    const heir = { ...next, from: next.from === to ? from : next.from, line: next.line === to ? line : next.line };
    above[0]?.steps.splice(above[0].steps.indexOf(next), 1, heir);
  }

  function setLine(key: string, value: string | undefined): void {
    if (value === undefined) file.delete(key);
    else file.set(key, value);
  }

  return {
    live,
    file,
    changes,
    apply(id, steps) {
      if ([...changes.values()].some(({ state }) => state === 'on-trial')) return false;
      for (const { key, to } of steps) live.set(key, to);
      changes.set(id, { state: 'on-trial', steps: [...steps] });
      return true;
    },
    keep(id) {
      const entry = changes.get(id);
      if (entry?.state !== 'on-trial') return entry?.state === 'kept';
      if (entry.steps.some(({ key, to }) => live.get(key) !== to)) return false;
      entry.state = 'kept';
      for (const step of entry.steps) {
        step.line = file.get(step.key);
        file.set(step.key, step.to);
      }
      return true;
    },
    revert(id) {
      const entry = changes.get(id);
      if (entry === undefined || entry.state === 'reverted') return true;
      for (const step of entry.steps) takeBack(entry, step);
      entry.state = 'reverted';
      return true;
    },
    stands: () => ({
      live: Object.fromEntries(live),
      file: Object.fromEntries(file),
      states: Object.fromEntries([...changes].map(([id, { state }]) => [id, state])),
    }),
    owned(key) {
      const value = (all: readonly Entry[]) => {
        const last = all.at(-1);
        return last && stepOf(last, key)?.to;
      };
      const all = owners(key);
      return { live: value(all) ?? initial.get(key), line: value(all.filter(({ state }) => state === 'kept')) };
    },
  };
}
