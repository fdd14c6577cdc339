/** A host as the change helper leaves it: its answers and its journal, with values in memory. Follows src/kinds/sysctl/helper.sh. */
import type { Command, CommandResult } from '#domain/command.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { CONF } from '#lab/helper-on-host.ts';
import { exited } from './command-results.ts';
import { type Order, readOrder } from './read-order.ts';

export interface TrialHost {
  /** What arrives over the wire is done, whatever becomes of the answer. */
  readonly run: (request: Command) => CommandResult;
  /** Seconds go by, and what is due is undone. */
  readonly pass: (seconds: number) => void;
  readonly reboot: () => void;
  /** Somebody else sets a value. */
  readonly set: (key: string, value: string) => void;
  /** An administrator who is logged in keeps a trial. */
  readonly keepByHand: (id: string) => void;
  /** Its journal is lost, with the timers that went by it; the values stay. */
  readonly forget: () => void;
  /** Those in force, by key. */
  readonly values: () => Readonly<Record<string, string>>;
  /** Every change the host was asked about, and how it stands. */
  readonly stands: () => ReadonlyMap<string, string>;
}

interface Entry {
  readonly steps: Order['steps'];
  state: 'none' | 'on-trial' | 'kept' | 'reverted';
  why: string;
  readonly began: number;
  due: number;
  /** Orders to prolong it that are in `due`. */
  readonly tokens: string[];
}

const LONGEST = 3600;

export function createTrialHost(values: Readonly<Record<string, string>>): TrialHost {
  const live = new Map(Object.entries(values));
  const boot = new Map(live);
  const entries = new Map<string, Entry>();
  let uptime = 0;

  function settle(): void {
    for (const entry of entries.values()) if (entry.state === 'on-trial' && uptime >= entry.due) undo(entry, 'timer');
  }

  /** A key that somebody else has changed since is theirs. */
  function undo(entry: Entry, why: string): readonly string[] {
    const said = entry.steps.toReversed().map(({ key, from, to }) => {
      const value = live.get(key) ?? '';
      if (value !== from && value !== to) return `conflict ${key} ${value}`;
      live.set(key, from);
      return `restored ${key} ${from}`;
    });
    entry.state = 'reverted';
    entry.why = why;
    return [...said, standing(entry)];
  }

  function standing({ state, why, due }: Entry): string {
    return state === 'on-trial' ? `state on-trial ${due - uptime}` : `state ${state} ${why}`;
  }

  function trial(entry: Entry): readonly string[] {
    const values = entry.steps.map(({ key }) => `value ${key} ${live.get(key)}`);
    return [...values, ...entry.tokens.map((token) => `extended ${token}`), standing(entry)];
  }

  function apply(id: string, order: string): readonly string[] {
    const { seconds, steps } = readOrder(order);
    if (!(Number.isInteger(seconds) && seconds >= 5 && seconds <= 1800)) return ['refused bad-seconds'];
    const known = entries.get(id);
    if (known !== undefined) return known.state === 'on-trial' ? trial(known) : [`state ${known.state} again`];
    const busy = [...entries].find(([, { state }]) => state === 'on-trial');
    if (busy !== undefined) return [`refused busy ${busy[0]} is on trial`];
    const drifted = steps.find(({ key, from }) => live.get(key) !== from);
    if (drifted !== undefined) return [`refused drift ${drifted.key} ${live.get(drifted.key)}`];
    for (const { key, to } of steps) live.set(key, to);
    const entry: Entry = { steps, state: 'on-trial', why: '', began: uptime, due: uptime + seconds, tokens: [] };
    entries.set(id, entry);
    return trial(entry);
  }

  function extend(entry: Entry, seconds: number, token: string): readonly string[] {
    if (entry.state !== 'on-trial') return [`refused not-on-trial ${entry.state}`];
    if (!entry.tokens.includes(token)) {
      entry.due = Math.min(entry.due + seconds, entry.began + LONGEST);
      entry.tokens.push(token);
    }
    return trial(entry);
  }

  function keep(entry: Entry): readonly string[] {
    if (entry.state !== 'on-trial' && entry.state !== 'kept')
      return [`refused not-on-trial ${entry.state} ${entry.why}`];
    const changed = entry.steps.find(({ key, to }) => live.get(key) !== to);
    if (entry.state === 'on-trial' && changed !== undefined)
      return [`refused foreign ${changed.key} ${live.get(changed.key)}`, ...trial(entry)];
    entry.state = 'kept';
    for (const { key, to } of entry.steps) boot.set(key, to);
    return [`state kept ${CONF}`];
  }

  function revert(entry: Entry, only: string): readonly string[] {
    if (entry.state === 'kept' && only === 'trial') return [`state kept ${CONF}`];
    if (entry.state === 'kept') for (const { key, from } of entry.steps) boot.set(key, from);
    return entry.state === 'on-trial' || entry.state === 'kept' ? undo(entry, 'person') : [standing(entry)];
  }

  /** Asked about what it does not know, it will not begin that any more. */
  function status(id: string): readonly string[] {
    const known = entries.get(id);
    if (known !== undefined) return trial(known);
    entries.set(id, { steps: [], state: 'none', why: '', began: uptime, due: uptime, tokens: [] });
    return ['state none'];
  }

  function answer(words: readonly string[], stdin: string): readonly string[] {
    const [verb = '', id = '', time = '', token = ''] = words;
    settle();
    if (verb === 'apply') return apply(id, stdin);
    if (verb === 'status') return status(id);
    const entry = entries.get(id);
    if (entry === undefined) return [`refused unknown ${id}`];
    if (verb === 'extend') return extend(entry, Number(time), token);
    return verb === 'keep' ? keep(entry) : revert(entry, time);
  }

  return {
    run({ input }) {
      const words = input.kind === 'argv' ? input.argv.slice(input.argv.indexOf(HELPER_PATH) + 2) : [];
      const [frame = '', ...order] = words;
      const stdin = input.kind === 'argv' ? (input.stdin ?? '') : '';
      const said = answer(order, stdin);
      const stdout = said.map((line) => `${frame} ${line}\n`).join('');
      const code = said.some((line) => line.startsWith('refused')) ? 1 : 0;
      return exited(stdout, code);
    },
    pass(seconds) {
      uptime += seconds;
      settle();
    },
    reboot() {
      for (const [key, value] of boot) live.set(key, value);
      for (const entry of entries.values())
        if (entry.state === 'on-trial') Object.assign(entry, { state: 'reverted', why: 'reboot' });
    },
    set: (key, value) => void live.set(key, value),
    keepByHand: (id) => void answer(['keep', id], ''),
    forget: () => entries.clear(),
    values: () => Object.fromEntries(live),
    stands: () => new Map([...entries].map(([id, { state }]) => [id, state])),
  };
}
