/** What a builder and a target are told for each deed: fixed words to the runner of the one or the helper of the other. Pure. */
import { type Approved, type Carry, type Deed, extendToken, type Order } from '#change/kind.ts';
import { type Change, type Gate, gateOf } from '#domain/change.ts';
import { orderText } from '../root-program.ts';
import { KERNEL_HELPER_PATH, KERNEL_PROTOCOL } from './helper.ts';
import type { KernelPlan } from './plan.ts';
import { type RunnerVerb, runnerInput } from './runner.ts';

type Ordered = Change<KernelPlan>;

const DEADLINE_MS = 60_000;
/** Packages of a hundred megabytes go through sudo, and are hashed. */
const INSTALL_DEADLINE_MS = 300_000;
const MAX_BYTES = 256 * 1024;

const MOST_CONFIG_BYTES = 1024 * 1024;
const MOST_MANIFEST_BYTES = 64 * 1024;
/** What happened on the builder is in its log; the card shows where it is. */
const NO_EVENTS = 1_000_000;

/** As root where the login is root's, else through the one rule that sudo has for us. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec "$0" "$@"; else exec sudo -n "$0" "$@"; fi';

/**
 * The helper reads the order, the manifest and its files in one stream: root opens no path of the account's. What was carried
 * for a change of a month ago is cleared away.
 */
const WITH_FILES = `
  find "$HOME/.tcp-oncall/kernel" -mindepth 1 -maxdepth 1 -type d -name '????????' -mtime +30 -exec rm -rf {} + 2>/dev/null
  cd "$HOME/.tcp-oncall/kernel/$4" && [ -r manifest ] || { echo "$2 refused not-carried"; exit 1; }
  {
    cat
    printf 'manifest %s\\n' "$(($(wc -c <manifest)))"
    cat manifest
    awk -F '\\t' '$1 == "file" { print $4 }' manifest | while IFS= read -r name; do cat "./$name" || exit; done
  } | sh -c '${AS_ROOT}' "$0" "$@"`;

export function kernelOrder(change: Ordered, deed: Deed, word: string, approved: Approved | null): Order {
  switch (change.reverts === null ? gateOf(change)?.name : 'rollback') {
    case 'prepare':
      return toHelper(word, [deed === 'begin' ? 'prepare' : 'prepared', change.id], approved);
    case 'build':
      return toRunner(change, deed, word);
    case 'install':
      return deed === 'begin' ? toInstall(change, word, approved) : toTarget(change, deed, word, approved);
    default:
      return toTarget(change, deed, word, approved);
  }
}

function toRunner(change: Ordered, deed: Deed, word: string): Order {
  const { id, plan } = change;
  const input = runnerInput(word, id, runnerVerb(plan, deed));
  const carry = deed === 'begin' ? carriedConfig(change) : undefined;
  return { input, deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES, ...(carry && { carry }) };
}

function runnerVerb(plan: KernelPlan, deed: Deed): RunnerVerb {
  if (deed === 'begin') return { verb: 'build', order: plan };
  return deed === 'cancel' || deed === 'revert' ? { verb: 'cancel' } : { verb: 'look', line: NO_EVENTS };
}

/** The config of the kernel that runs on the target, as it was when people were asked. */
function carriedConfig(change: Ordered): Carry | undefined {
  const { id, plan } = change;
  if (plan.configSha === null) return undefined;
  const file = { from: `/boot/config-${plan.release}`, to: `${jobFolder(id)}/in/config` };
  const files = [{ ...file, sha256: plan.configSha, mostBytes: MOST_CONFIG_BYTES }];
  return { from: hostBehind(change, 'install', plan.host), files, lists: false };
}

function toInstall(change: Ordered, word: string, approved: Approved | null): Order {
  const { id, plan } = change;
  const argv = ['sh', '-c', WITH_FILES, KERNEL_HELPER_PATH, String(KERNEL_PROTOCOL), word, 'install', id] as const;
  const manifest = { from: `${jobFolder(id)}/out/manifest`, to: `${jobFolder(id)}/manifest` };
  const sha256 = gateOf(change)?.artefact ?? '';
  return {
    input: { kind: 'argv', argv, stdin: stdinOf(approved) },
    deadlineMs: INSTALL_DEADLINE_MS,
    maxBytes: MAX_BYTES,
    carry: {
      from: hostBehind(change, 'build', plan.builder),
      files: [{ ...manifest, sha256, mostBytes: MOST_MANIFEST_BYTES }],
      lists: true,
    },
  };
}

function toTarget(change: Ordered, deed: Deed, word: string, approved: Approved | null): Order {
  const { id, reverts } = change;
  // To take back what was kept is told again and again: only asked, the host could say "kept" just before an order that is still on its way.
  if (reverts !== null) return toHelper(word, [approved === null ? 'status' : 'rollback', reverts], approved);
  switch (deed) {
    case 'begin':
      return toHelper(word, [gateOf(change)?.name ?? '', id], approved);
    case 'extend':
      return toHelper(word, ['extend', id, extendToken(change)], null);
    case 'revert':
    case 'cancel':
      // What was kept meanwhile stays: it is taken back by a change of its own.
      return toHelper(word, ['revert', id], null);
    case 'look':
      return toHelper(word, ['status', id], null);
  }
}

const READ_ORDERS: readonly (string | undefined)[] = ['prepare', 'boot', 'keep', 'rollback'];

function toHelper(word: string, words: readonly string[], approved: Approved | null): Order {
  const argv = ['sh', '-c', AS_ROOT, KERNEL_HELPER_PATH, String(KERNEL_PROTOCOL), word, ...words] as const;
  const stdin = READ_ORDERS.includes(words[0]) ? stdinOf(approved) : '';
  return { input: { kind: 'argv', argv, stdin }, deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES };
}

function stdinOf(approved: Approved | null): string {
  return approved === null ? '' : orderText(approved.text, approved.signatures);
}

/** With the key that it showed when people were asked. */
function hostBehind({ gates }: Ordered, name: string, host: string): Pick<Gate, 'host' | 'hostKey'> {
  return { host, hostKey: gates.find((gate) => gate.name === name)?.hostKey ?? null };
}

/** Of the account's home, on either host. */
export function jobFolder(id: string): string {
  return `.tcp-oncall/kernel/${id}`;
}
