/** The program that root runs for the account on targets and builders of kernels. */
import { rootProgram } from '../root-program.ts';

export const KERNEL_HELPER_PATH = '/usr/local/sbin/tcp-oncall-kernel';

/** What the kernel helper and we speak; another number is refused by it. */
export const KERNEL_PROTOCOL = 1;

/** POSIX sh. Its header has its words and its answers. */
export function kernelHelper(): string {
  return rootProgram('src/kinds/kernel/helper.sh', 'kernel');
}
