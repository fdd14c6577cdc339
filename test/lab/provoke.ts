/** Carries out a fault's steps on the hosts of a lab. */
import { type ActorReport, startActor } from './actor.ts';
import { must } from './command.ts';
import { fillConntrack } from './conntrack.ts';
import { execOnHost } from './enter.ts';
import { type Fault, faultName, type Role, rolesOf, type Step } from './fault.ts';
import { LabError } from './lab-error.ts';
import { insideNetns } from './network.ts';
import type { HostState } from './state.ts';
import { isTouched, noteTouched } from './touched.ts';
import { untilSeen } from './until.ts';

export interface Provoked {
  readonly fault: Fault;
  readonly cast: Cast;
  /** What the actors said when they were ready, in the order of the steps. */
  readonly reports: readonly ActorReport[];
}

export type Cast = ReadonlyMap<Role, HostState>;

/** The subject gets the first part; hosts in no other fault get the rest. Throws when there are too few. */
export async function castFault(
  lab: string,
  hosts: readonly HostState[],
  fault: Fault,
  subject: HostState,
): Promise<Cast> {
  const taken = await Promise.all(hosts.map(({ name }) => isTouched(lab, name)));
  const free = hosts.filter((host, i) => host.name !== subject.name && host.variant === 'plain' && !taken[i]);
  const others = rolesOf(fault).slice(1);
  if (others.length > free.length) {
    throw new LabError(
      `${faultName(fault)} needs plain hosts in no other fault: ${others.length} besides ${subject.name}, and ${free.length} are free.`,
    );
  }
  return new Map<Role, HostState>([
    ['subject', subject],
    ...others.map((role, i) => [role, free[i] as HostState] as const),
  ]);
}

/** Resolves when the fault is there to be found. It stays for about ten minutes, or until the hosts are healed. */
export async function provoke(lab: string, fault: Fault, cast: Cast): Promise<Provoked> {
  const subject = player(cast, 'subject').name;
  for (const { name } of cast.values())
    await noteTouched(lab, name, { subjects: [subject], faults: [faultName(fault)] });
  const reports: ActorReport[] = [];
  for (const step of fault.steps) {
    const report = await take(lab, step, cast);
    if (report) reports.push(report);
  }
  return { fault, cast, reports };
}

async function take(lab: string, step: Step, cast: Cast): Promise<ActorReport | undefined> {
  const host = player(cast, step.on);
  switch (step.kind) {
    case 'sysctl':
      await setSysctls(lab, host, step.values);
      return undefined;
    case 'file':
      await placeFile(lab, host, step.path, step.text);
      return undefined;
    case 'nft':
      await must(insideNetns(host.netns, ['nft', '-f', '-']), { input: withAddresses(step.rules, cast) });
      return undefined;
    case 'ip':
      await must(['ip', '-netns', host.netns, '-batch', '-'], {
        input: withAddresses(`${step.commands.join('\n')}\n`, cast),
      });
      return undefined;
    case 'fill-conntrack':
      return fillConntrack(host);
    case 'until':
      await untilSeen(host, step.sight);
      return undefined;
    case 'actor': {
      const args = Object.entries(step.args).map(([key, value]) => [
        key,
        typeof value === 'string' ? withAddresses(value, cast) : value,
      ]);
      return startActor(lab, host, { ...step, args: Object.fromEntries(args) });
    }
  }
}

/** Writes net.* values of one host, remembering the old ones for `heal`. */
export async function setSysctls(
  lab: string,
  host: HostState,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    const before = await must(insideNetns(host.netns, ['sysctl', '-n', key]));
    await noteTouched(lab, host.name, { sysctls: { [key]: before.trim() } });
    await must(insideNetns(host.netns, ['sysctl', '-qw', `${key}=${value}`]));
  }
}

async function placeFile(lab: string, host: HostState, path: string, text: string): Promise<void> {
  const before = await execOnHost(host, ['cat', path]);
  await noteTouched(lab, host.name, { files: { [path]: before.status === 0 ? before.stdout : null } });
  await writeOnHost(host, path, text);
}

export async function writeOnHost(host: HostState, path: string, text: string): Promise<void> {
  const { status, stderr } = await execOnHost(host, ['sh', '-c', 'cat >"$1"', 'sh', path], { input: text });
  if (status !== 0) throw new LabError(`Cannot write ${path} on ${host.name}: ${stderr.trim()}`);
}

function withAddresses(text: string, cast: Cast): string {
  return text.replaceAll(/\{(subject|peer|client|gateway)\}/g, (_, role: Role) => player(cast, role).address);
}

function player(cast: Cast, role: Role): HostState {
  const host = cast.get(role);
  if (host) return host;
  throw new LabError(`Nobody plays the ${role}.`);
}
