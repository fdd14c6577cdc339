/** What our own files say about a host, as options of OpenSSH's ssh, which reads everything else in ssh_config itself. Pure. */
import type { HostEntry } from './host-entry.ts';

/** `Keyword=value` each, for -o. */
export type Options = readonly string[];

/** For ssh the first value counts, but of IdentityFile all do, these first. */
export function optionsOf({ address, port, user, identityFiles = [], hostKeyAlias }: HostEntry): Options {
  return [
    ...(address === undefined ? [] : [`HostName=${literal(address)}`]),
    ...(port === undefined ? [] : [`Port=${port}`]),
    ...(user === undefined ? [] : [`User=${user}`]),
    ...identityFiles.map((file) => `IdentityFile=${quoted(file)}`),
    ...(hostKeyAlias === undefined ? [] : [`HostKeyAlias=${hostKeyAlias}`]),
  ];
}

/** That these files are read for known hosts, and no others. */
export function knownHostsOptions(files: readonly string[]): Options {
  return [`UserKnownHostsFile=${files.map(quoted).join(' ')}`, 'GlobalKnownHostsFile=/dev/null'];
}

export interface Hop {
  readonly name: string;
  readonly options: Options;
}

/** Nobody is asked, and nobody is trusted unknown: as for the host itself. */
const UNATTENDED: Options = [
  ...['BatchMode=yes', 'StrictHostKeyChecking=yes'],
  ...['VerifyHostKeyDNS=no', 'NoHostAuthenticationForLocalhost=no', 'UpdateHostKeys=no'],
  ...['FingerprintHash=sha256', 'ControlMaster=no', 'PermitLocalCommand=no', 'AddKeysToAgent=no'],
  ...['ServerAliveInterval=5', 'ServerAliveCountMax=3'],
];

/**
 * The way through `hops`, outermost first, as a ProxyCommand: ProxyJump does the same, but lets no hop have options of its
 * own. The tokens are the host's behind; everything else is ours, and is quoted for ssh and the shell. `-v` for what is
 * said of a hop when it fails, as ProxyJump has it.
 */
export function wayThrough(hops: readonly Hop[], config: string | undefined): string {
  const [hop] = hops.slice(-1);
  if (hop === undefined) return 'none';
  const before = hops.slice(0, -1);
  const options = [
    ...UNATTENDED,
    ...hop.options,
    ...(before.length > 0 ? [`ProxyCommand=${wayThrough(before, config)}`] : []),
  ];
  const words = [...(config === undefined ? [] : ['-F', config]), ...options.flatMap((option) => ['-o', option])];
  return ['ssh -v', ...words.map(shellWord), "-W '[%h]:%p' --", shellWord(hop.name)].join(' ');
}

function shellWord(text: string): string {
  return `'${literal(text).replaceAll("'", String.raw`'\''`)}'`;
}

/** `%` begins a token. */
function literal(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A path, which may have blanks. */
function quoted(path: string): string {
  return `"${literal(path).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
