/** `tcp-oncall host-setup <host>`: prints the script that makes a host ready for changes, or runs it with `--apply`. */
import { readFile } from 'node:fs/promises';
import { type Approvers, anyHostScript, hostSetupScript, type KernelOrders, setUpHost } from '#app/set-up-host.ts';
import { MOST_SIGNATURES } from '#domain/helper-state.ts';
import type { Host } from '#domain/host.ts';
import { neutralise } from '#render/neutral.ts';
import { sayFailure } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';

interface HostSetupOptions {
  /** Path of a public key for the account. */
  readonly key?: string;
  readonly remove?: boolean;
  readonly apply?: boolean;
  /** The administrator's account. */
  readonly as?: string;
  /** Have the host verify so many signatures by the keys of the configuration; true = one. */
  readonly approverKeys?: string | true;
  /** One signature is enough for break-glass. */
  readonly breakGlass?: boolean;
  /** Take kernels too: those that approvers have signed; 'unsigned' = any. */
  readonly kernel?: string | true;
  /** Print the script that takes the account and the key as its arguments. */
  readonly script?: boolean;
}

export async function hostSetup({ given: [name], options, session }: Call<HostSetupOptions>): Promise<Status> {
  if (options.script) {
    session.stdout.write(anyHostScript(options.remove ?? false, approversOf(options, session), kernelOf(options)));
    return STATUS.nothing;
  }
  if (name === undefined) throw new UsageError('host-setup needs a host from the inventory, or --script.');
  const host = await findTarget(name, session);
  const script = await scriptFor(host, options, session);
  if (!options.apply) {
    session.stdout.write(script);
    return STATUS.nothing;
  }
  if (options.as === undefined)
    throw new UsageError('--apply needs --as: an account that may run anything as root, such as --as admin.');
  const words = await session.words();
  await using pool = await session.openPool(session.config);
  const outcome = await setUpHost({ ...host, user: options.as }, script, pool.run, session.signal);
  for (const line of outcome.said.trim().split('\n')) session.stderr.write(`${neutralise(line)}\n`);
  return outcome.kind === 'done' ? STATUS.nothing : sayFailure(outcome.failure, words, false, session);
}

async function scriptFor(host: Host, options: HostSetupOptions, session: Session) {
  const { key, remove = false } = options;
  const approvers = approversOf(options, session);
  try {
    const publicKey = key === undefined ? null : (await readFile(key, 'utf8')).trim();
    return hostSetupScript(host, { publicKey, remove, approvers, kernel: kernelOf(options) });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function kernelOf({ kernel }: HostSetupOptions): KernelOrders {
  if (kernel === undefined) return 'none';
  if (kernel === true) return 'signed';
  if (kernel !== 'unsigned') throw new UsageError('--kernel takes "unsigned" or nothing.');
  return 'unsigned';
}

function approversOf({ approverKeys, breakGlass = false }: HostSetupOptions, { config }: Session): Approvers | null {
  if (approverKeys === undefined) {
    if (breakGlass) throw new UsageError('--break-glass goes with --approver-keys.');
    return null;
  }
  const { keys } = config.changes;
  const approvals = approverKeys === true ? 1 : Number(approverKeys);
  if (!(Number.isInteger(approvals) && approvals >= 1 && approvals <= MOST_SIGNATURES))
    throw new UsageError(`--approver-keys takes the number of approvals, from 1 to ${MOST_SIGNATURES}.`);
  if (keys.size < approvals)
    throw new UsageError(`--approver-keys ${approvals}: changes.keys has ${keys.size} in the configuration.`);
  return { keys, approvals, breakGlass };
}
