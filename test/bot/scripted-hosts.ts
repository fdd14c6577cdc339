/** Hosts that are not there: a run plays a recording at once, or waits where a test tells it to. */
import type { RunOnHost } from '#app/ports.ts';
import { type Recording, readRecording } from '#app/recording.ts';
import type { Command, CommandResult, ConnectionFailure } from '#domain/command.ts';
import type { RawReading, RawSample } from '#domain/evidence.ts';
import type { HostEntry } from '#inventory/host-entry.ts';
import { createInventory, type Inventory } from '#inventory/inventory.ts';
import { createSurroundings } from '#ssh/surroundings.ts';
import { exited, NO_OUTPUT } from './command-results.ts';
import { BUILDER_SAYS, framed, TARGET_SAYS } from './kernel-preflight.ts';

/** A server that never accepts: two critical findings. */
const CASE = new URL('../../runbooks/accept-queue-overflow-app-backlog/cases/never-accepts', import.meta.url);

type Samples = Recording['samples'];

/** Where a held run waits: before it is connected, or when the first sample has come. */
export type WaitsAt = 'connecting' | 'second-sample';

export interface ScriptedHosts {
  readonly run: RunOnHost;
  /** Checks of the host wait there until the returned function is called. */
  readonly hold: (host: string, at: WaitsAt) => () => void;
  /** What every line of the host's recording becomes. */
  readonly rewrite: (host: string, change: (text: string) => string) => void;
  /** What the host says of itself before a kernel is built, instead of what a fit one says. */
  readonly preflight: (host: string, ...instead: readonly string[]) => void;
  readonly fail: (host: string, failure: ConnectionFailure) => void;
  /** How often the host was logged in to. */
  readonly runsOf: (host: string) => number;
}

interface Hold {
  readonly at: WaitsAt;
  readonly over: Promise<void>;
}

export async function createScriptedHosts(): Promise<ScriptedHosts> {
  const { samples } = await readRecording(CASE.pathname);
  const holds = new Map<string, Hold>();
  const changes = new Map<string, (text: string) => string>();
  const failures = new Map<string, ConnectionFailure>();
  const runs: string[] = [];
  const preflights = new Map<string, readonly string[]>();

  async function run({ name }: { readonly name: string }, request: Command): Promise<CommandResult> {
    runs.push(name);
    const failure = failures.get(name);
    if (failure !== undefined) return { ...NO_OUTPUT, ...failure };
    const preflight = preflightOf(request);
    if (preflight !== undefined) return exited(framed(preflight.word, preflight.says, ...(preflights.get(name) ?? [])));
    const sections = frame(boundaryOf(request), samples, changes.get(name) ?? ((text) => text));
    for (const [at, text] of sections) {
      const hold = holds.get(name);
      if (hold?.at === at && (await overOrAborted(hold, request.signal)) === 'aborted')
        return { ...NO_OUTPUT, kind: 'aborted' };
      request.onStdout?.(text);
    }
    return exited('');
  }

  return {
    run,
    hold(host, at) {
      let release = () => {};
      const over = new Promise<void>((resolve) => {
        release = resolve;
      });
      holds.set(host, { at, over });
      return () => {
        holds.delete(host);
        release();
      };
    },
    rewrite: (host, change) => void changes.set(host, change),
    preflight: (host, ...instead) => void preflights.set(host, instead),
    fail: (host, failure) => void failures.set(host, failure),
    runsOf: (host) => runs.filter((name) => name === host).length,
  };
}

/** Undefined for what is no preflight. */
function preflightOf({ input }: Command) {
  if (input.kind !== 'argv') return undefined;
  const [shell, option, word = '', role] = input.argv;
  if (shell !== 'sh' || option !== '-s') return undefined;
  return { word, says: role === 'builder' ? BUILDER_SAYS : TARGET_SAYS };
}

function overOrAborted({ over }: Hold, signal: AbortSignal | undefined): Promise<'over' | 'aborted'> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve('aborted');
    signal?.addEventListener('abort', () => resolve('aborted'), { once: true });
    void over.then(() => resolve('over'));
  });
}

function boundaryOf({ input }: Command): string {
  return (input.kind === 'script' && /BOUNDARY=(\S+)/.exec(input.script)?.[1]) || '';
}

/** As the collector frames what it reads; each sample with where a held run waits before it. */
function frame(
  boundary: string,
  samples: Samples,
  change: (text: string) => string,
): readonly (readonly [WaitsAt, string])[] {
  return samples.map((sample, index) => [
    index === 0 ? 'connecting' : 'second-sample',
    frameSample(boundary, index + 1, sample, change),
  ]);
}

function frameSample(
  boundary: string,
  number: number,
  { readings }: RawSample,
  change: (text: string) => string,
): string {
  const sections = Object.entries(readings).map(([source, reading]) => {
    const [text, status] = said(reading);
    return `\n${boundary} begin ${number} ${source}\n${change(text)}\n${boundary} end ${number} ${source} ${status}\n`;
  });
  return `${sections.join('')}\n${boundary} done ${number}\n`;
}

const ABSENT = 3;

function said(reading: RawReading): readonly [text: string, status: number] {
  return reading.kind === 'text' ? [reading.text.trimEnd(), 0] : [reading.reason.what, ABSENT];
}

/** Some hosts alone, a group of three, and one of fifty. */
export function scriptedInventory(): Inventory {
  const numbered = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${name}-${String(index + 1).padStart(2, '0')}`);
  const entry = (...groups: string[]): HostEntry => ({ address: '127.0.0.1', user: 'ops', identityFiles: [], groups });
  const hosts = new Map<string, HostEntry>([
    ...numbered('web', 3).map((name) => [name, entry('web')] as const),
    ...[...numbered('db', 3), ...numbered('api', 9)].map((name) => [name, entry()] as const),
    ...numbered('fleet', 50).map((name) => [name, entry('fleet')] as const),
  ]);
  const surroundings = createSurroundings({ knownHosts: [], agentSocket: undefined });
  const { signal } = new AbortController();
  const here = { signal, home: '/nonexistent', user: 'ops', transport: 'ssh2', surroundings } as const;
  return createInventory({ hosts, ansible: new Map(), unread: [], sshConfig: undefined, ...here });
}
