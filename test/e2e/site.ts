/** A lab, a directory for what a test writes, and configurations of the lab's web-01 with one thing different. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lab, openLab } from '#lab/lab.ts';
import { cliHere } from '../cli-here.ts';
import type { Ended } from './cli-process.ts';

export interface Site {
  readonly lab: Lab;
  readonly dir: string;
  /** Checks web-01 as a configuration knows it. */
  readonly check: (config: string, ...args: readonly string[]) => Promise<Ended>;
  /** Resolves with the path of a new file in `dir`. */
  readonly configWith: (
    web: object,
    more?: { readonly knownHosts?: string; readonly others?: object },
  ) => Promise<string>;
  /** An address of the lab's network that no host has. */
  readonly nobody: () => string;
  readonly close: () => Promise<void>;
}

/** `letter` tells the labs of one process apart. */
export async function openSite(letter: string, hosts: number): Promise<Site> {
  const lab = await openLab({ name: `${letter}${process.pid.toString(36)}`, hosts });
  const dir = await mkdtemp(join(tmpdir(), 'e2e-'));
  const { address } = lab.host('web-01');
  let files = 0;
  return {
    lab,
    dir,
    check: (config, ...args) => cliHere(['check', 'web-01', '--interval', '1s', '--config', config, ...args]),
    async configWith(web, { knownHosts = lab.paths.knownHosts, others = {} } = {}) {
      const file = join(dir, `config-${++files}.yaml`);
      const entry = { address, user: 'ops', identityFile: lab.paths.identity, ...web };
      const ssh = { knownHosts, agent: false, readyTimeout: '20s' };
      // YAML is a superset of JSON.
      await writeFile(file, JSON.stringify({ hosts: { 'web-01': entry, ...others }, ssh }));
      return file;
    },
    nobody: () => address.replace(/\d+$/, '250'),
    async close() {
      await lab.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
