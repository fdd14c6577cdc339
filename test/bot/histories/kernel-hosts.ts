/** Hosts that do what the runner of a builder and the kernel helper do, as far as a change can see it. */
import type { HostWatch, SimHost, Standing, Told } from './hosts.ts';
import { lineOf } from './judge.ts';

const BUILD_FAILS = 9;
const BOOT_FAILS = 5;
const REBOOT_MS = 40_000;
const INSTALL_MS = 20_000;
const OLD_RELEASE = '6.1.0-42-amd64';

/** What a host was told, and how that stands there. */
export interface Stand {
  readonly host: SimHost;
  readonly told: Told;
  readonly watch: HostWatch;
  readonly standing: Standing | undefined;
  become(standing: Standing): void;
}

/** What time has done to it by now; undefined where nothing has happened. */
export function afterTime(standing: Standing, now: number): Standing | undefined {
  if (!('until' in standing) || now < standing.until) return undefined;
  switch (standing.kind) {
    case 'preparing':
      return { kind: 'prepared' };
    case 'installing':
      return { kind: 'installed', artefact: standing.artefact };
    case 'booting':
      return standing.fails
        ? { kind: 'undone', why: 'fell-back' }
        : { kind: 'trial', began: now, until: now + standing.trialMs, artefact: standing.artefact };
    default:
      return undefined;
  }
}

export function runKernel(stand: Stand): readonly string[] {
  const { program, verb } = stand.told;
  if (program === 'runner') return [`state ${runner(stand)}`];
  return verb.startsWith('prepare') ? prepare(stand) : helper(stand);
}

function runner({ host, told, watch, standing, become }: Stand): string {
  if (told.verb === 'cancel' && (standing === undefined || standing.kind === 'building')) {
    become({ kind: 'undone', why: 'person' });
    return 'cancelled';
  }
  if (told.verb !== 'build' || standing !== undefined) return runnerState(standing);
  if (host.refuses) return 'failed no-space 2 GiB';
  watch.began(host, 'build');
  become({ kind: 'building', what: told.rest.join(' '), until: watch.now + watch.buildMs });
  return 'building';
}

function runnerState(standing: Standing | undefined): string {
  switch (standing?.kind) {
    case 'building':
      return 'building';
    case 'built':
      return standing.artefact.startsWith('0') ? 'failed compile x' : `built ${standing.artefact}`;
    case 'undone':
      return 'cancelled';
    default:
      return 'none';
  }
}

/** Of a build that is over then; some builds fail. */
export function manifestOf(until: number): string {
  return (Math.floor(until / 1000) % BUILD_FAILS === 0 ? '0' : 'e').padEnd(64, 'f');
}

function prepare({ host, told, watch, standing, become }: Stand): readonly string[] {
  if (told.verb !== 'prepare' || standing !== undefined) return [`prepare ${prepareState(standing)}`];
  if (host.refuses) return ['refused no-approvers 0'];
  watch.began(host, 'prepare');
  become({ kind: 'preparing', until: watch.now + INSTALL_MS });
  return ['prepare installing'];
}

function prepareState(standing: Standing | undefined): string {
  if (standing === undefined) return 'none';
  return standing.kind === 'prepared' ? 'prepared' : 'installing';
}

function helper(stand: Stand): readonly string[] {
  const { host, told, watch } = stand;
  let { standing } = stand;
  const become = (next: Standing) => {
    stand.become(next);
    standing = next;
  };
  const refused = carryOut({ ...stand, become });
  const tokens = (host.tokens.get(told.id) ?? []).map((token) => `extended ${token}`);
  return [...(refused === undefined ? [] : [`refused ${refused}`]), ...helperState(standing, watch.now), ...tokens];
}

function helperState(standing: Standing | undefined, now: number): readonly string[] {
  switch (standing?.kind) {
    case 'installing':
    case 'booting':
      return [`state ${standing.kind} measure`];
    case 'installed':
    case 'kept':
      return [`state ${standing.kind}`];
    case 'trial':
      return [`state trial ${Math.ceil((standing.until - now) / 1000)}`, 'release r-tw15', 'running r-tw15'];
    case 'undone':
      return standing.why === 'fell-back'
        ? [`state fell-back not-booted ${OLD_RELEASE}`]
        : [`state reverted ${standing.why === 'timer' ? 'deadline' : standing.why}`];
    case 'failed':
      return [`state failed ${standing.why}`];
    default:
      return ['state none'];
  }
}

function carryOut(stand: Stand): string | undefined {
  switch (stand.told.verb) {
    case 'install':
      return install(stand);
    case 'boot':
      return boot(stand);
    case 'keep':
      return keep(stand);
    case 'rollback':
      return rollback(stand);
    case 'revert':
      return revert(stand);
    case 'extend':
      return extend(stand);
    default:
      return undefined;
  }
}

function artefactIn({ text }: Told): string {
  return lineOf(text ?? '', 'artefact') ?? '';
}

function install({ host, told, watch, standing, become }: Stand): string | undefined {
  if (standing !== undefined) return standing.kind === 'never' ? 'busy never' : undefined;
  if (host.refuses) return 'no-space 2 MiB';
  watch.began(host, 'install');
  become({ kind: 'installing', until: watch.now + INSTALL_MS, artefact: artefactIn(told) });
  return undefined;
}

function boot({ host, told, watch, standing, become }: Stand): string | undefined {
  if (standing?.kind !== 'installed') return undefined;
  if (standing.artefact !== artefactIn(told)) return 'artefact x';
  if (host.refuses) return 'busy x';
  watch.began(host, 'boot');
  const trialMs = Number(lineOf(told.text ?? '', 'revert')) * 1000;
  const fails = Math.floor(watch.buildMs / 1000) % BOOT_FAILS === 0;
  become({ kind: 'booting', until: watch.now + REBOOT_MS, artefact: standing.artefact, trialMs, fails });
  return undefined;
}

function keep({ host, told, watch, standing, become }: Stand): string | undefined {
  if (standing?.kind !== 'trial') return standing?.kind === 'kept' ? undefined : 'not-on-trial x';
  if (standing.artefact !== artefactIn(told)) return 'artefact x';
  if (host.refuses) return 'grub x';
  watch.began(host, 'keep');
  become({ kind: 'kept', artefact: standing.artefact });
  return undefined;
}

function rollback({ host, watch, standing, become }: Stand): string | undefined {
  if (standing?.kind !== 'kept') return standing === undefined ? 'unknown x' : undefined;
  if (host.refuses) return 'stuck x';
  watch.began(host, 'take-back');
  become({ kind: 'undone', why: 'person' });
  return undefined;
}

/** Of a trial, or of what has not begun and never will. */
function revert({ standing, become }: Stand): string | undefined {
  switch (standing?.kind) {
    case undefined:
      become({ kind: 'never' });
      return undefined;
    case 'installing':
    case 'installed':
    case 'trial':
      become({ kind: 'undone', why: 'person' });
      return undefined;
    default:
      return undefined;
  }
}

function extend({ host, told, standing, become }: Stand): string | undefined {
  if (standing?.kind !== 'trial') return 'not-on-trial x';
  const [token = ''] = told.rest;
  const tokens = host.tokens.get(told.id) ?? [];
  if (tokens.includes(token)) return undefined;
  host.tokens.set(told.id, [...tokens, token]);
  become({ ...standing, until: standing.until + 600_000 });
  return undefined;
}
