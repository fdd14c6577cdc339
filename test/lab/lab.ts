/** Real hosts on one machine: `await using lab = await openLab({ name, hosts: 5 })`. Needs root on Linux. */
import { type ActorProgram, type ActorReport, startActor } from './actor.ts';
import { bringUp } from './bring-up.ts';
import { type Outcome, run } from './command.ts';
import { type ExecOptions, execOnHost, sshArgv } from './enter.ts';
import type { ActorArgs, Fault } from './fault.ts';
import { heal, hostsOfFault } from './heal.ts';
import { LabError } from './lab-error.ts';
import { hostNames, type LabPaths, labPaths, parseLabName } from './names.ts';
import { castFault, type Provoked, provoke, setSysctls } from './provoke.ts';
import { claimName, type HostState, type LabState, readState, thisProcess, type Variant } from './state.ts';
import { sweep, takeDown } from './take-down.ts';
import { type Sight, untilSeen } from './until.ts';

export interface LabPlan {
  readonly name: string;
  readonly hosts: number;
  /** Hosts that are not plain Debian: `{ 'web-02': 'busybox' }`. */
  readonly variants?: Readonly<Record<string, Variant>>;
  /** The lab outlives the process that opened it (`lab up`). */
  readonly keep?: boolean;
}

export interface Lab extends AsyncDisposable {
  readonly name: string;
  readonly paths: LabPaths;
  readonly hosts: readonly HostState[];
  /** Throws when the lab has no host of that name. */
  host(name: string): HostState;
  /** Runs argv inside a host, in all its namespaces, as root or `user`; resolves whatever the exit status. */
  exec(host: string, argv: readonly string[], options?: ExecOptions): Promise<Outcome>;
  /** Runs a command line over SSH with the OpenSSH client, host key checked. */
  ssh(host: string, command: string, user?: string): Promise<Outcome>;
  /** Sets net.* values on a host until it is healed. */
  sysctl(host: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** Starts an actor on a host; resolves with its report when it is ready. It ends by itself or when healed. */
  actor(host: string, run: ActorProgram, args: ActorArgs): Promise<ActorReport>;
  /** Resolves when the host shows it. */
  until(host: string, sight: Sight): Promise<void>;
  /** Resolves when the fault is there to be found; other parts go to `others`, or to hosts that are free. */
  provoke(fault: Fault, subject: string, others?: readonly string[]): Promise<Provoked>;
  /** One host and those that hurt it, or all of them. */
  heal(host?: string): Promise<void>;
  /** Removes every trace; safe to call twice. */
  close(): Promise<void>;
}

/** Brings a lab up, or throws a LabError with nothing left behind. */
export async function openLab(plan: LabPlan): Promise<Lab> {
  const name = parseLabName(plan.name);
  const hosts = hostNames(plan.hosts);
  if (process.getuid?.() !== 0)
    throw new LabError('The lab makes network namespaces and needs root: run it with sudo.');
  await sweep();
  const owner = plan.keep ? null : thisProcess();
  if (!(await claimName({ name, owner, subnet: null, hosts: [] }))) {
    throw new LabError(`A lab called "${name}" is up already: \`npm run lab -- --name ${name} down\` removes it.`);
  }
  try {
    return labOf(await bringUp({ name, hosts, owner, variants: plan.variants ?? {} }));
  } catch (error) {
    await takeDown(name);
    throw error;
  }
}

/** A lab that is up already; undefined when there is none of that name. */
export async function findLab(name: string): Promise<Lab | undefined> {
  const state = await readState(name);
  return state && state.subnet !== null ? labOf(state) : undefined;
}

function labOf({ name, hosts }: LabState): Lab {
  const paths = labPaths(name);
  const host = (wanted: string): HostState => {
    const found = hosts.find((candidate) => candidate.name === wanted);
    if (found) return found;
    throw new LabError(`No host "${wanted}" in lab "${name}": it has ${hosts.map((known) => known.name).join(', ')}.`);
  };
  const close = async (): Promise<void> => {
    await takeDown(name);
  };
  return {
    name,
    paths,
    hosts,
    host,
    exec: (on, argv, options) => execOnHost(host(on), argv, options),
    ssh: (on, command, user) => run([...sshArgv(paths, host(on).name, user), command]),
    sysctl: (on, values) => setSysctls(name, host(on), values),
    actor: (on, program, args) => startActor(name, host(on), { kind: 'actor', on: 'subject', run: program, args }),
    until: (on, sight) => untilSeen(host(on), sight),
    provoke: async (fault, subject, others) => {
      const among = others?.map(host) ?? hosts;
      return provoke(name, fault, await castFault(name, among, fault, host(subject)));
    },
    heal: async (subject) => {
      const hurt = subject === undefined ? hosts : await hostsOfFault(name, hosts, host(subject).name);
      await Promise.all(hurt.map((each) => heal(name, each)));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
