/** The script that makes a host ready for changes, and the one that undoes that. POSIX sh, to be run as root and read before. */
import { createHash } from 'node:crypto';
import { changeHelper, HELPER_PATH, PROTOCOL } from './change-helper.ts';

export interface HostSetup {
  /** The account that the bot logs in as. */
  readonly account: string;
  /** A line for authorized_keys; null = the account has its key already. */
  readonly publicKey: string | null;
}

const SUDOERS = '/etc/sudoers.d/tcp-oncall-changes';
const END = 'END_OF_TCP_ONCALL_HELPER';

/** What `account` may be: a name no shell gives a meaning to. */
export const ACCOUNT = /^[a-z_][a-z0-9_-]{0,31}$/;
const PUBLIC_KEY = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/=]+(?: [\w@.:+-]*)?$/;

/** Throws a RangeError for an account or a key of another shape. */
export function setupScript({ account, publicKey }: HostSetup): string {
  if (!ACCOUNT.test(account)) throw new RangeError(`"${account}" is no name for an account.`);
  if (publicKey !== null && !PUBLIC_KEY.test(publicKey)) throw new RangeError('That is no public key of OpenSSH.');
  const helper = changeHelper();
  const digest = createHash('sha256').update(helper).digest('hex');
  return `#!/bin/sh
# Makes this host ready for changes by tcp-oncall. Run it as root; it may be run again, and tcp-oncall host-setup --remove
# prints what takes it away. It installs:
#   ${HELPER_PATH}   the helper, protocol ${PROTOCOL}, owned by root: writes the sysctls of its own list, on trial
#   ${SUDOERS}   ${account} may run the helper as root, and nothing else through this file
#   /var/lib/tcp-oncall   the helper's journal, root's alone
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ "$(id -u)" = 0 ] || { echo 'host-setup: run this as root.' >&2; exit 1; }
for command in sudo visudo awk dd setsid; do
  command -v $command >/dev/null || { echo "host-setup: this host has no $command; install it first." >&2; exit 1; }
done

if ! id ${account} >/dev/null 2>&1; then
  useradd --system --create-home --shell /bin/sh ${account} 2>/dev/null || adduser -S -D -s /bin/sh ${account}
  echo "host-setup: made the account ${account}."
fi
${publicKey === null ? '' : authorize(account, publicKey)}
new=$(mktemp ${HELPER_PATH}.XXXXXX)
trap 'rm -f "$new"' EXIT
cat >"$new" <<'${END}'
${helper}${END}
chown 0:0 "$new"
chmod 755 "$new"
if command -v sha256sum >/dev/null && [ "$(sha256sum <"$new" | cut -d ' ' -f 1)" != ${digest} ]; then
  echo 'host-setup: the helper did not arrive whole.' >&2
  exit 1
fi
mv -f "$new" ${HELPER_PATH}
trap - EXIT

[ -d /var/lib/tcp-oncall ] || mkdir -m 700 /var/lib/tcp-oncall
rules=$(mktemp)
echo '${account} ALL=(root) NOPASSWD: ${HELPER_PATH}' >"$rules"
visudo -c -q -f "$rules" || { rm -f "$rules"; echo 'host-setup: visudo does not take the rule.' >&2; exit 1; }
chown 0:0 "$rules"
chmod 440 "$rules"
mv -f "$rules" ${SUDOERS}
echo "host-setup: done. ${account} may run ${HELPER_PATH} as root."
`;
}

function authorize(account: string, publicKey: string): string {
  return `home=$(awk -F: -v name=${account} '$1 == name { print $6 }' /etc/passwd)
mkdir -p "$home/.ssh"
grep -qxF '${publicKey}' "$home/.ssh/authorized_keys" 2>/dev/null || echo '${publicKey}' >>"$home/.ssh/authorized_keys"
chmod 700 "$home/.ssh"
chmod 600 "$home/.ssh/authorized_keys"
chown -R ${account} "$home/.ssh"
`;
}

/** Leaves the account and the values that were kept; says how to remove those too. */
export function removalScript(account: string): string {
  if (!ACCOUNT.test(account)) throw new RangeError(`"${account}" is no name for an account.`);
  return `#!/bin/sh
# Takes away what tcp-oncall host-setup installed. Run it as root.
set -eu
[ "$(id -u)" = 0 ] || { echo 'host-setup: run this as root.' >&2; exit 1; }
if grep -lsE '^(applying|on-trial|reverting)$' /var/lib/tcp-oncall/changes/*/state; then
  echo 'host-setup: a change is on trial. Keep or revert it first, or wait until it reverts by itself.' >&2
  exit 1
fi
rm -f ${SUDOERS} ${HELPER_PATH}
rm -rf /var/lib/tcp-oncall
echo 'host-setup: removed. Left in place:'
echo '  the account ${account} (userdel -r ${account})'
[ ! -e /etc/sysctl.d/99-zz-tcp-oncall.conf ] || echo '  /etc/sysctl.d/99-zz-tcp-oncall.conf, with the settings that were kept'
`;
}
