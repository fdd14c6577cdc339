/** Ways into a host: from outside through its namespaces, or from the front through its sshd. */
import { type CommandOptions, type Outcome, run } from './command.ts';
import type { LabPaths } from './names.ts';
import type { HostState } from './state.ts';

const USER_IDS = { root: 0, ops: 2001, app: 2002, guest: 2003 } as const;

/** Nothing of what the machine's own shell has set: a TMPDIR that the host does not have, a language. */
export const HOST_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export interface ExecOptions extends CommandOptions {
  readonly user?: keyof typeof USER_IDS;
}

/** argv that runs a program of the host, in all of the host's namespaces. */
export function enterArgv({ pid1 }: HostState, user: keyof typeof USER_IDS | number = 'root'): readonly string[] {
  const id = typeof user === 'number' ? user : USER_IDS[user];
  return ['nsenter', '-t', String(pid1), '-m', '-u', '-i', '-n', '-p', '-C', '-r', `-S${id}`, `-G${id}`, '--'];
}

export function execOnHost(host: HostState, argv: readonly string[], options: ExecOptions = {}): Promise<Outcome> {
  return run([...enterArgv(host, options.user), ...argv], { env: HOST_ENVIRONMENT, ...options });
}

export function sshArgv(paths: LabPaths, host: string, user = 'ops'): readonly string[] {
  return ['ssh', '-F', paths.sshConfig, '-l', user, host];
}
