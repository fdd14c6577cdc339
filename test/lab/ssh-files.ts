/** The client's side of a lab: its key, the hosts' keys, and configurations that use them unchanged. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './command.ts';
import { type LabPaths, labPaths } from './names.ts';
import type { LabState } from './state.ts';

/** Makes an ed25519 key pair `file`, `file`.pub; the public half without comment. */
export async function makeKey(file: string): Promise<string> {
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

export async function writeClientFiles(state: LabState): Promise<void> {
  const paths = labPaths(state.name);
  await Promise.all([
    writeFile(paths.knownHosts, state.hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join('')),
    writeFile(paths.config, labConfig(state)),
    writeFile(paths.sshConfig, sshConfig(state, paths)),
  ]);
}

function labConfig({ hosts }: LabState): string {
  const lines = hosts.map(
    ({ name, address, variant }) =>
      `  ${name}: { address: ${address}, port: 22, user: ops, identityFile: ./id_ed25519, groups: [lab, ${variant}] }`,
  );
  return `hosts:\n${lines.join('\n')}\nssh: { knownHosts: ./known_hosts, agent: false }\n`;
}

function sshConfig({ hosts }: LabState, { identity, knownHosts }: LabPaths): string {
  const names = hosts.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`).join('');
  return `${names}Host *
  User ops
  IdentityFile ${identity}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  LogLevel ERROR
`;
}

/** The files only this host has: its name and its host key. */
export function hostTree(lab: string, host: string): string {
  return join(labPaths(lab).dir, 'hosts', host, 'files');
}
