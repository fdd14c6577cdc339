/** The scripts that make a host ready for changes and undo that. POSIX sh, to be run as root and read before. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PROTOCOL } from '#domain/helper-state.ts';
import { installed } from '#installed.ts';

export interface HostSetup {
  /** The program that root runs for the account. */
  readonly helper: string;
  /** The account that the bot logs in as. */
  readonly account: string;
  /** A line for authorized_keys; null = the account has its key already. */
  readonly publicKey: string | null;
  readonly approvers: Approvers | null;
  /** Null = the host takes no kernels through this. */
  readonly kernel?: KernelSetup | null;
}

/** Of a host that builds or boots kernels. */
export interface KernelSetup {
  /** The program that root runs for the account. */
  readonly helper: string;
  /** It takes orders that no approver has signed: the account is root there. */
  readonly unsigned: boolean;
}

/** Whose signatures the host asks for before it carries out an order. */
export interface Approvers {
  /** Ed25519, SPKI, base64; by Slack user id. */
  readonly keys: ReadonlyMap<string, string>;
  readonly approvals: number;
  /** One is enough, also the requester's own, for a change that breaks the glass. */
  readonly breakGlass: boolean;
}

/** What `account` may be: a name no shell gives a meaning to. */
const ACCOUNT = /^[a-z_][a-z0-9_-]{0,31}$/;
const PUBLIC_KEY = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/=]+(?: [\w@.:+-]*)?$/;

const APPROVER = /^[UW][A-Z0-9]{2,}:[A-Za-z0-9+/]{59}=$/;

const SETUP = `#!/bin/sh
# Makes this host ready for changes by tcp-oncall. Run it as root; it may be run again and changes only what differs.
# tcp-oncall host-setup --remove prints what takes it away. It installs:
#   /usr/local/sbin/tcp-oncall-helper   the helper, owned by root: writes the sysctls of its own list, on trial
#   /etc/sudoers.d/tcp-oncall-changes   the account may run the helper as root, and nothing else through this file
#   /var/lib/tcp-oncall   the helper's journal, root's alone
#   /usr/local/sbin/tcp-oncall-kernel, /etc/sudoers.d/tcp-oncall-kernel, /var/lib/tcp-oncall-kernel   with --kernel alone: the
#     same for kernels, which takes only what approvers have signed; --kernel=unsigned makes /etc/tcp-oncall/kernel-unsigned,
#     and with it the account as good as root
#   /etc/tcp-oncall/approvers   where --approver=USER:KEY is given: whose signatures the helper asks for, and how many
# It makes the account where there is none, and adds its key, where one is given, with the account's own rights.
# The last line says for which account; options stand before it. --look shows what would
# change and changes nothing. --approvals=N and --break-glass go with approvers; --host-key=FILE names a public key of this
# host where sshd -T does not.
`;
const REMOVAL = `#!/bin/sh
# Takes away what tcp-oncall host-setup installed; leaves the account and the values that were kept. Run it as root.
# --look in the last line, before the account, shows what would change and changes nothing.
`;

/** Throws a RangeError for an account or a key of another shape. */
export function setupScript({ helper, account, publicKey, approvers, kernel = null }: HostSetup): string {
  if (!ACCOUNT.test(account)) throw new RangeError(`"${account}" is no name for an account.`);
  if (publicKey !== null && !PUBLIC_KEY.test(publicKey)) throw new RangeError('That is no public key of OpenSSH.');
  return setupOf(
    helper,
    kernel,
    [...optionsOf(approvers, kernel), account, ...(publicKey === null ? [] : [`'${publicKey}'`])].join(' '),
  );
}

/** Leaves the account and the values that were kept; says how to remove those too. */
export function removalScript(account: string): string {
  if (!ACCOUNT.test(account)) throw new RangeError(`"${account}" is no name for an account.`);
  return removalOf(account);
}

/** For any host: `sh -s -- [OPTION ...] ACCOUNT [KEY]`. */
export function setupScriptForAnyHost(
  helper: string,
  approvers: Approvers | null,
  kernel: KernelSetup | null = null,
): string {
  return setupOf(helper, kernel, [...optionsOf(approvers, kernel), '"$@"'].join(' '));
}

function optionsOf(approvers: Approvers | null, kernel: KernelSetup | null): readonly string[] {
  return [
    ...approverOptions(approvers),
    ...(kernel === null ? [] : [kernel.unsigned ? '--kernel=unsigned' : '--kernel']),
  ];
}

function approverOptions(approvers: Approvers | null): readonly string[] {
  if (approvers === null) return [];
  const all = [...approvers.keys].map(([user, key]) => `${user}:${key}`);
  const bad = all.find((approver) => !APPROVER.test(approver));
  if (bad !== undefined) throw new RangeError(`"${bad}" is no approver.`);
  const options = [`--approvals=${approvers.approvals}`, ...(approvers.breakGlass ? ['--break-glass'] : [])];
  return [...options, ...all.map((approver) => `--approver=${approver}`)];
}

/** For any host: `sh -s -- [--look] ACCOUNT`. */
export function removalScriptForAnyHost(): string {
  return removalOf('"$@"');
}

// Functions first and one call last: a script that is cut off on its way does nothing.
function setupOf(helper: string, kernel: KernelSetup | null, words: string): string {
  const setup = part('host-setup')
    .replace('@DIGEST@', digestOf(helper))
    .replace('@HELPER@\n', () => helper);
  return `${SETUP}${part('host-setup-checks')}${part('host-setup-approvers')}${setup}${kernelPart(kernel)}host_setup ${words} </dev/null\n`;
}

function kernelPart(kernel: KernelSetup | null): string {
  if (kernel === null) return '';
  return part('host-setup-kernel')
    .replace('@KERNEL_DIGEST@', digestOf(kernel.helper))
    .replace('@KERNEL_HELPER@\n', () => kernel.helper);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function removalOf(words: string): string {
  return `${REMOVAL}${part('host-setup-checks')}${part('host-removal')}host_removal ${words} </dev/null\n`;
}

function part(name: string): string {
  return readFileSync(installed(`src/host/${name}.sh`), 'utf8').replaceAll('@PROTOCOL@', String(PROTOCOL));
}
