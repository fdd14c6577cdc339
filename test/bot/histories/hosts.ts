/** Hosts that do what the helper of sysctls and runner.sh do, as far as a change can see it, on a clock of their own. */
import type { Command } from '#domain/command.ts';
import { KERNEL_HELPER_PATH } from '#kinds/kernel/helper.ts';
import { afterTime, manifestOf, runKernel } from './kernel-hosts.ts';

/** What is true of one change on one host. */
export type Standing =
  | { readonly kind: 'never' }
  | { readonly kind: 'building'; readonly until: number; readonly what: string }
  | { readonly kind: 'built'; readonly artefact: string }
  | { readonly kind: 'installed'; readonly artefact: string }
  | { readonly kind: 'trial'; readonly until: number; readonly began: number; readonly artefact: string }
  | { readonly kind: 'kept'; readonly artefact: string }
  | { readonly kind: 'undone'; readonly why: 'person' | 'timer' | 'reboot' | 'fell-back' }
  | { readonly kind: 'failed'; readonly why: string }
  /** Of kernels: what goes on by itself. */
  | { readonly kind: 'preparing'; readonly until: number }
  | { readonly kind: 'prepared' }
  | { readonly kind: 'installing'; readonly until: number; readonly artefact: string }
  | {
      readonly kind: 'booting';
      readonly until: number;
      readonly artefact: string;
      readonly trialMs: number;
      readonly fails: boolean;
    };

/** An order as its host reads it. */
export interface Told {
  readonly program: 'helper' | 'four-gates' | 'runner' | 'kernel-helper';
  readonly word: string;
  readonly verb: string;
  readonly id: string;
  readonly rest: readonly string[];
  /** The bound text, where the host gets it. */
  readonly text: string | null;
}

export interface SimHost {
  readonly name: string;
  readonly key: string;
  up: boolean;
  /** Refuses the next orders to begin: a value has drifted, a disk is full. */
  refuses: boolean;
  readonly changes: Map<string, Standing>;
  readonly tokens: Map<string, string[]>;
}

export function createHost(name: string): SimHost {
  return { name, key: `SHA256:${name}`, up: true, refuses: false, changes: new Map(), tokens: new Map() };
}

/** `began`: hears of work just before it begins. */
export interface HostWatch {
  readonly now: number;
  readonly buildMs: number;
  began(host: SimHost, work: string): void;
}

export function artefactOf(what: string): string {
  return what.length.toString(16).padStart(64, what === 'hello-1.0' ? 'a' : 'b');
}

export function readOrder({ input }: Command): Told {
  if (input.kind !== 'argv') throw new Error('An order is fixed words.');
  const [, , , program, ...words] = input.argv;
  if (program === 'four-gates') {
    const [word = '', verb = '', id = '', , ...rest] = words;
    return { program, word, verb, id, rest, text: null };
  }
  if (program === 'kernel') {
    const [word = '', verb = '', id = '', ...rest] = words;
    return { program: 'runner', word, verb, id, rest, text: null };
  }
  const [, word = '', verb = '', id = '', ...rest] = words;
  const text = input.stdin?.includes('\nend\n') ? `${input.stdin.split('\nend\n')[0]}\n` : null;
  return { program: program === KERNEL_HELPER_PATH ? 'kernel-helper' : 'helper', word, verb, id, rest, text };
}

/** What time has done to it by now. */
export function standingOf(host: SimHost, id: string, now: number): Standing | undefined {
  const known = host.changes.get(id);
  const later = known && afterTime(known, now);
  if (later !== undefined) return set(host, id, later) && standingOf(host, id, now);
  if (known?.kind === 'trial' && now >= known.until) return set(host, id, { kind: 'undone', why: 'timer' });
  if (known?.kind === 'building' && now >= known.until)
    return set(host, id, {
      kind: 'built',
      artefact: isKernel(known) ? manifestOf(known.until) : artefactOf(known.what),
    });
  return known;
}

function set(host: SimHost, id: string, standing: Standing): Standing {
  host.changes.set(id, standing);
  return standing;
}

export function reboot(host: SimHost, now: number): void {
  for (const id of host.changes.keys()) {
    const standing = standingOf(host, id, now);
    if (standing?.kind === 'trial') set(host, id, { kind: 'undone', why: 'reboot' });
    // A builder of kernels goes on when it is asked.
    if (standing?.kind === 'building' && !isKernel(standing)) set(host, id, { kind: 'failed', why: 'interrupted' });
    if (standing?.kind === 'installing') set(host, id, { kind: 'failed', why: 'interrupted' });
  }
}

/** Everything that it knew of changes is gone, and what was in force with it. */
export function forget(host: SimHost): void {
  host.changes.clear();
  host.tokens.clear();
}

/** Its order has names and values. */
function isKernel({ what }: Extract<Standing, { kind: 'building' }>): boolean {
  return what.includes('=');
}

/** Does what it is told, and returns what it says: lines that its word begins. */
export function tell(host: SimHost, told: Told, watch: HostWatch): string {
  const { program } = told;
  if (program === 'runner' || program === 'kernel-helper') return tellKernel(host, told, watch);
  const refused = program === 'helper' ? helper(host, told, watch) : runner(host, told, watch);
  const standing = standingOf(host, told.id, watch.now);
  const state = program === 'helper' ? helperState(standing, watch.now) : runnerState(standing, watch.now);
  const values = program === 'helper' && standing?.kind === 'trial' ? valuesOf(standing.artefact) : [];
  const tokens = (host.tokens.get(told.id) ?? []).map((token) => `extended ${token}`);
  const lines = [
    ...(refused === undefined ? [] : [`refused ${refused}`]),
    ...(state === null ? [] : [state]),
    ...values,
    ...tokens,
  ];
  return lines.map((line) => `${told.word} ${line}\n`).join('');
}

function tellKernel(host: SimHost, told: Told, watch: HostWatch): string {
  const isPrepare = told.verb.startsWith('prepare');
  const key = isPrepare ? `prepare ${told.id}` : told.id;
  const standing = standingOf(host, key, watch.now);
  const lines = runKernel({ host, told, watch, standing, become: (next) => set(host, key, next) });
  return lines.map((line) => `${told.word} ${line}\n`).join('');
}

/** Nobody answers there. */
export function isBooting(host: SimHost, now: number): boolean {
  return [...host.changes.keys()].some((id) => standingOf(host, id, now)?.kind === 'booting');
}

/** A trial of sysctls has the text it was applied with for an artefact. */
function valuesOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [name, key, , , to] = line.split('\t');
    return name === 'step' ? [`value ${key} ${to}`] : [];
  });
}

function helperState(standing: Standing | undefined, now: number): string | null {
  switch (standing?.kind) {
    case 'trial':
      return `state on-trial ${Math.ceil((standing.until - now) / 1000)}`;
    case 'kept':
      return 'state kept /etc/sysctl.d/x';
    case 'undone':
      return `state reverted ${standing.why}`;
    default:
      return 'state none';
  }
}

function helper(host: SimHost, told: Told, watch: HostWatch): string | undefined {
  const { verb, id, rest, text } = told;
  const standing = standingOf(host, id, watch.now);
  switch (verb) {
    case 'apply':
      return apply(host, told, standing, watch);
    case 'keep':
      if (standing?.kind !== 'trial') return 'not-on-trial';
      if (host.refuses) return 'foreign k 0';
      watch.began(host, 'keep');
      set(host, id, { kind: 'kept', artefact: text ?? '' });
      return undefined;
    case 'revert':
      return goBack(host, told, standing, watch);
    case 'extend':
      return extend(host, id, standing, Number(rest[0]), rest[1] ?? '');
    case 'status':
      if (standing === undefined) set(host, id, { kind: 'never' });
      return undefined;
  }
  return 'bad-verb';
}

function apply(host: SimHost, told: Told, standing: Standing | undefined, watch: HostWatch): string | undefined {
  const { id, text } = told;
  if (standing?.kind === 'never') return 'busy never';
  if (standing !== undefined) return undefined;
  const isBusy = [...host.changes.keys()].some((each) => standingOf(host, each, watch.now)?.kind === 'trial');
  if (isBusy) return 'busy other';
  if (host.refuses) return 'drift k 0';
  watch.began(host, 'apply');
  const seconds = Number(/\nrevert\t(\d+)\n/.exec(text ?? '')?.[1]);
  set(host, id, { kind: 'trial', began: watch.now, until: watch.now + seconds * 1000, artefact: text ?? '' });
  return undefined;
}

function goBack(host: SimHost, told: Told, standing: Standing | undefined, watch: HostWatch): string | undefined {
  if (standing?.kind === 'kept') watch.began(host, 'take-back');
  if (standing?.kind === 'kept' || standing?.kind === 'trial') set(host, told.id, { kind: 'undone', why: 'person' });
  return standing === undefined ? 'unknown' : undefined;
}

function extend(host: SimHost, id: string, standing: Standing | undefined, seconds: number, token: string) {
  if (standing?.kind !== 'trial') return 'not-on-trial';
  const tokens = host.tokens.get(id) ?? [];
  if (tokens.includes(token)) return undefined;
  host.tokens.set(id, [...tokens, token]);
  set(host, id, { ...standing, until: standing.until + seconds * 1000 });
  return undefined;
}

function runnerState(standing: Standing | undefined, now: number): string {
  switch (standing?.kind) {
    case 'building':
      return 'state building 1/3';
    case 'trial':
      return `state trial ${Math.ceil((standing.until - now) / 1000)} ${standing.artefact}`;
    case 'undone':
    case 'failed':
      return `state ${standing.kind} ${standing.why}`;
    case 'built':
    case 'installed':
    case 'kept':
      return `state ${standing.kind} ${standing.artefact}`;
    default:
      return 'state none';
  }
}

function runner(host: SimHost, told: Told, watch: HostWatch): string | undefined {
  const { verb, id, rest } = told;
  const standing = standingOf(host, id, watch.now);
  const [first = '', second = ''] = rest;
  switch (verb) {
    case 'status':
      return undefined;
    case 'revert':
      if (standing?.kind !== 'trial') return 'not-now';
      set(host, id, { kind: 'undone', why: 'person' });
      return undefined;
    case 'cancel':
      if (standing?.kind === 'building') set(host, id, { kind: 'undone', why: 'person' });
      return settle(host, id, standing, first);
    case 'settle':
      return settle(host, id, standing, first);
    case 'extend':
      return extend(host, id, standing, Number(first), second);
    default:
      return begin(host, told, standing, watch);
  }
}

function begin(host: SimHost, told: Told, standing: Standing | undefined, watch: HostWatch): string | undefined {
  const { verb, id } = told;
  if (standing?.kind === 'never' || host.tokens.get(id)?.includes(`never-${verb}`)) return 'never-begun';
  if ((verb === 'build' && standing !== undefined) || (verb === 'rollback' && standing?.kind === 'undone'))
    return undefined;
  if (host.refuses && standing === undefined) return 'not-now';
  const next = nextOf(told, standing, watch);
  if (typeof next === 'string') return next;
  watch.began(host, verb);
  set(host, id, next);
  return undefined;
}

/** What the work makes of it, or why it is not done. */
function nextOf({ verb, rest }: Told, standing: Standing | undefined, { now, buildMs }: HostWatch): Standing | string {
  const [first = '', second = ''] = rest;
  switch (verb) {
    case 'build':
      return { kind: 'building', what: first, until: now + buildMs };
    case 'install':
      return standing === undefined ? { kind: 'installed', artefact: first } : 'not-now';
    case 'boot':
      if (standing?.kind !== 'installed') return 'not-now';
      if (standing.artefact !== first) return 'artefact';
      return { kind: 'trial', began: now, until: now + Number(second) * 1000, artefact: first };
    case 'keep':
      if (standing?.kind !== 'trial') return 'not-now';
      return standing.artefact === first ? { kind: 'kept', artefact: first } : 'artefact';
    case 'rollback':
      return standing?.kind === 'kept' ? { kind: 'undone', why: 'person' } : 'not-now';
    default:
      return 'bad-verb';
  }
}

/** What has not begun never will. */
function settle(host: SimHost, id: string, standing: Standing | undefined, gate: string): undefined {
  if (standing === undefined) set(host, id, { kind: 'never' });
  else if (standing.kind === 'installed' && gate === 'boot')
    host.tokens.set(id, [...(host.tokens.get(id) ?? []), 'never-boot']);
}
