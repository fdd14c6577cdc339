/** Every fault of every diagnosis: runbooks/<id>/fault.ts exports `fault`, or `faults` where there are several. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Fault, faultName } from './fault.ts';
import { LabError } from './lab-error.ts';

const RUNBOOKS = new URL('../../runbooks/', import.meta.url);

export async function allFaults(): Promise<readonly Fault[]> {
  const ids = (await readdir(RUNBOOKS)).sort();
  const files = ids.map((id) => new URL(`${id}/fault.ts`, RUNBOOKS)).filter((url) => existsSync(fileURLToPath(url)));
  const modules = await Promise.all(
    files.map((url) => import(url.href) as Promise<{ fault?: Fault; faults?: readonly Fault[] }>),
  );
  return modules.flatMap(({ fault, faults = [] }) => (fault ? [fault] : faults));
}

/** By diagnosis id, which means the first of its faults, or by `<id>/<variant>`. Throws with the nearest names. */
export async function findFault(name: string): Promise<Fault> {
  const faults = await allFaults();
  const found = faults.find((fault) => faultName(fault) === name) ?? faults.find(({ id }) => id === name);
  if (found) return found;
  const near = faults
    .map(faultName)
    .filter((known) => name.split(/\W+/).some((word) => word !== '' && known.includes(word)));
  throw new LabError(
    `No fault "${name}". ${near.length > 0 ? `Did you mean ${near.join(', ')}?` : '`npm run lab -- faults` lists them.'}`,
  );
}
