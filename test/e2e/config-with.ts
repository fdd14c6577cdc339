/** Configurations of one lab host, web-01, with one thing different. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '#lab/lab.ts';

let files = 0;

/** Resolves with the path of a new file in `dir`. */
export async function configWith(
  { lab, dir }: { readonly lab: Lab; readonly dir: string },
  web: object,
  { knownHosts = lab.paths.knownHosts, others = {} } = {},
): Promise<string> {
  const { address } = lab.host('web-01');
  const file = join(dir, `config-${++files}.yaml`);
  const entry = { address, user: 'ops', identityFile: lab.paths.identity, ...web };
  const ssh = { knownHosts, agent: false, readyTimeout: '20s' };
  // YAML is a superset of JSON.
  await writeFile(file, JSON.stringify({ hosts: { 'web-01': entry, ...others }, ssh }));
  return file;
}

/** An address of the lab's network that no host has. */
export function nobody(lab: Lab): string {
  return lab.host('web-01').address.replace(/\d+$/, '250');
}
