/** What we tell ssh: a configuration that holds for the host and for every jump host, and one command line. Pure. */
import type { Host } from '#domain/host.ts';

export interface SshFiles {
  /** Where the configuration is written: its jump hosts' ssh reads it, too. */
  readonly config: string;
  readonly control: string;
  readonly log: string;
  /** The person's own ssh_config files, the first one outweighing the others. */
  readonly theirs: readonly string[];
  /** known_hosts files to use instead of those that ssh_config names; undefined = those. */
  readonly knownHosts: readonly string[] | undefined;
}

/**
 * ssh takes the first value that it is given, so a person's files cannot turn these around. What is not here is theirs:
 * keys and certificates, algorithms, the way (ProxyCommand, ProxyJump), `Match exec`.
 */
const FORCED = [
  // Nobody is there to answer a question.
  'BatchMode yes',
  // A key is known before anything is sent to it, and none is learnt on the way.
  'StrictHostKeyChecking yes',
  'VerifyHostKeyDNS no',
  'NoHostAuthenticationForLocalhost no',
  'UpdateHostKeys no',
  'FingerprintHash sha256',
  // Nothing of this machine is lent to the host.
  'ForwardAgent no',
  'ForwardX11 no',
  'GSSAPIDelegateCredentials no',
  'ClearAllForwardings yes',
  'Tunnel no',
  // Nothing is run or changed here.
  'PermitLocalCommand no',
  'AddKeysToAgent no',
  'ControlMaster no',
  // A dead connection is noticed.
  'ServerAliveInterval 5',
  'ServerAliveCountMax 3',
];

/** A master ends so many seconds after its last user, which is this process, however that ended. */
export const LINGERS_S = 10;

export function configText({ theirs, knownHosts }: SshFiles, withAgent: boolean): string {
  const known = knownHosts === undefined ? [] : [`UserKnownHostsFile ${knownHosts.map(quote).join(' ')}`];
  const global = knownHosts === undefined ? [] : ['GlobalKnownHostsFile none'];
  const agent = withAgent ? [] : ['IdentityAgent none'];
  const lines = [...FORCED, ...known, ...global, ...agent, ...theirs.map((file) => `Include ${quote(file)}`)];
  return `${lines.join('\n')}\n`;
}

export function commandLine({ name }: Host, options: readonly string[], files: SshFiles): readonly string[] {
  return [
    // Says what ssh does, to a file of its own: what jump hosts and a ProxyCommand say goes elsewhere.
    ...['-v', '-E', files.log],
    ...['-F', files.config],
    // To the background once it is logged in, as a master without a session.
    ...['-f', '-N', '-M', '-S', files.control, '-o', `ControlPersist=${LINGERS_S}`],
    ...options.flatMap((option) => ['-o', option]),
    ...['--', name],
  ];
}

/** What ssh_config would read as something else: quotes, escapes, tokens and variables. */
const MEANT_OTHERWISE = /["\\%$\p{Cc}]/u;

export function canBeQuoted(path: string): boolean {
  return !MEANT_OTHERWISE.test(path);
}

function quote(path: string): string {
  return `"${path}"`;
}
