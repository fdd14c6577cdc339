/** Makes a host ready for changes: the script for an administrator to read, or run here over an administrator's login. */
import type { Host } from '#domain/host.ts';
import type { CheckFailure } from '#domain/report.ts';
import {
  type Approvers,
  type KernelSetup,
  removalScript,
  removalScriptForAnyHost,
  setupScript,
  setupScriptForAnyHost,
} from '#host/host-setup.ts';
import { kernelHelper } from '#kinds/kernel/helper.ts';
import { changeHelper } from '#kinds/sysctl/helper.ts';
import { commandFailure } from './command-failure.ts';
import type { RunOnHost } from './ports.ts';

export type { Approvers };

export interface SetupWanted {
  /** A line for authorized_keys; null = the account has its key already. */
  readonly publicKey: string | null;
  readonly remove: boolean;
  readonly approvers: Approvers | null;
  readonly kernel: KernelOrders;
}

/** Which orders for kernels the host takes: none, those that its approvers have signed, or any. */
export type KernelOrders = 'none' | 'signed' | 'unsigned';

/** Throws a RangeError when the account, the key or an approver is of another shape. */
export function hostSetupScript({ user }: Host, { publicKey, remove, approvers, kernel }: SetupWanted): string {
  if (remove) return removalScript(user);
  const helper = changeHelper();
  return setupScript({ helper, account: user, publicKey, approvers, kernel: kernelSetup(kernel) });
}

function kernelSetup(orders: KernelOrders): KernelSetup | null {
  return orders === 'none' ? null : { helper: kernelHelper(), unsigned: orders === 'unsigned' };
}

/** Takes the account, and for setting up a key, as its arguments. */
export function anyHostScript(remove: boolean, approvers: Approvers | null, kernel: KernelOrders = 'none'): string {
  if (remove) return removalScriptForAnyHost();
  return setupScriptForAnyHost(changeHelper(), approvers, kernelSetup(kernel));
}

const DEADLINE_SECONDS = 60;
const MAX_KILOBYTES = 64;
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi';

export type SetUp =
  | { readonly kind: 'done'; readonly said: string }
  | { readonly kind: 'failed'; readonly failure: CheckFailure; readonly said: string };

/** `administrator`: the same host, logged in to with an account that may run anything as root. */
export async function setUpHost(
  administrator: Host,
  script: string,
  run: RunOnHost,
  signal: AbortSignal,
): Promise<SetUp> {
  const result = await run(administrator, {
    input: { kind: 'argv', argv: ['sh', '-c', AS_ROOT], stdin: script },
    deadlineMs: DEADLINE_SECONDS * 1000,
    maxBytes: MAX_KILOBYTES * 1024,
    signal,
  });
  const said = `${result.stdout}${result.stderr}`;
  if (result.kind === 'exited' && result.code === 0) return { kind: 'done', said };
  return { kind: 'failed', failure: commandFailure(result, administrator, DEADLINE_SECONDS, MAX_KILOBYTES), said };
}
