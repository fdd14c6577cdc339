/** Makes a host fit for the next fault: actors ended, values and files put back, leftover sockets gone. */
import { endActors } from './actor.ts';
import { run } from './command.ts';
import { execOnHost } from './enter.ts';
import { insideNetns } from './network.ts';
import { writeOnHost } from './provoke.ts';
import type { HostState } from './state.ts';
import { forgetTouched, readTouched } from './touched.ts';

export async function heal(lab: string, host: HostState): Promise<void> {
  const { sysctls, files } = await readTouched(lab, host.name);
  await endActors(host);
  const inside = (...argv: readonly string[]) => run(insideNetns(host.netns, argv));
  await inside('nft', 'flush', 'ruleset');
  await inside('ip', 'route', 'flush', 'proto', 'static');
  await inside('ip', 'address', 'flush', 'dev', 'lo', 'scope', 'global');
  for (const [key, value] of Object.entries(sysctls).reverse()) await inside('sysctl', '-qw', `${key}=${value}`);
  for (const [path, text] of Object.entries(files)) await putBack(host, path, text);
  await inside('conntrack', '-F');
  await inside('ip', 'tcp_metrics', 'flush');
  // Killing is reported as an error though it works, and ssh sessions are somebody's.
  await inside('ss', '-K', '-t', '-a', 'sport', '!=', ':22');
  await inside('ss', '-K', '-t', 'state', 'time-wait', 'sport', '!=', ':22');
  await forgetTouched(lab, host.name);
}

/** The subject and every host that takes part in its fault. */
export async function hostsOfFault(
  lab: string,
  hosts: readonly HostState[],
  subject: string,
): Promise<readonly HostState[]> {
  const touched = await Promise.all(hosts.map(({ name }) => readTouched(lab, name)));
  return hosts.filter((host, i) => host.name === subject || touched[i]?.subjects.includes(subject));
}

async function putBack(host: HostState, path: string, text: string | null): Promise<void> {
  if (text === null) await execOnHost(host, ['rm', '-f', path]);
  else await writeOnHost(host, path, text);
}
