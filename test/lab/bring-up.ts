/** Builds a lab from nothing: network, files, hosts, and what a client needs to log in. */
import { mkdir } from 'node:fs/promises';
import { LabError } from './lab-error.ts';
import { labPaths } from './names.ts';
import { addressOf, buildNetwork } from './network.ts';
import { writeBaseTree } from './root-tree.ts';
import { makeKey, writeClientFiles } from './ssh-files.ts';
import { type HostPlan, prepareHost, startHost } from './start-host.ts';
import { type LabState, type Owner, type Variant, writeState } from './state.ts';

export interface BringUp {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly owner: Owner | null;
  readonly variants: Readonly<Record<string, Variant>>;
}

/** Rejects when anything fails, and only after everything it had begun has ended: then the rest can be taken down. */
export async function bringUp({ name, hosts, owner, variants }: BringUp): Promise<LabState> {
  const stranger = Object.keys(variants).find((host) => !hosts.includes(host));
  if (stranger !== undefined)
    throw new LabError(`No host "${stranger}" to be of another kind: there are ${hosts.join(', ')}.`);
  const paths = labPaths(name);
  await mkdir(paths.dir, { recursive: true });
  const key = makeKey(paths.identity);
  const withBusybox = Object.values(variants).includes('busybox');
  const [subnet] = await settled([
    buildNetwork(name, hosts),
    key.then((publicKey) => writeBaseTree(paths.base, publicKey, withBusybox)),
  ]);
  const plans = hosts.map((host, i): HostPlan => {
    const variant = variants[host] ?? 'plain';
    return { lab: name, name: host, address: addressOf(subnet, i), variant, hostsFile: hostsFile(subnet, hosts) };
  });
  const started = await settled(plans.map(async (plan) => startHost(plan, await prepareHost(plan))));
  const state: LabState = { name, owner, subnet, hosts: started };
  await Promise.all([writeClientFiles(state), writeState(state)]);
  return state;
}

function hostsFile(subnet: number, hosts: readonly string[]): string {
  return `127.0.0.1 localhost\n${hosts.map((host, i) => `${addressOf(subnet, i)} ${host}\n`).join('')}`;
}

/** Promise.all that waits for the slowest even when one fails: what is still being built cannot be removed. */
async function settled<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
}
