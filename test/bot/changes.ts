/** What tests and the demo share about changes: a policy, hosts that are set up for them, and a shop that runs out of ports. */
import { setupScript } from '#host/host-setup.ts';
import { changeHelper } from '#kinds/sysctl/helper.ts';
import type { Lab } from '#lab/lab.ts';

/** Anybody asks, bob and alice approve, yuki may break the glass. */
export const POLICY = {
  changes: {
    rules: [{ groups: ['*'], ask: 'members', approve: { users: ['U0BOB', 'U0ALICE'] }, expires: '30m', revert: '10m' }],
    breakGlass: { users: ['U0YUKI'] },
    admins: { users: ['U0BOB'] },
  },
} as const;

/** Installs the helper as an administrator would. */
export async function setUpForChanges(lab: Lab, host: string): Promise<void> {
  const script = setupScript({ helper: changeHelper(), account: 'ops', publicKey: null, approvers: null });
  const { status, stderr } = await lab.exec(host, ['sh', '-s'], { input: script });
  if (status !== 0) throw new Error(`host-setup on ${host}: ${stderr}`);
}

/** A shop with a small pool that opens a connection more for every query: 200 local ports, 60 s of TIME_WAIT each, and 100 closes a second. */
export async function exhaustPorts(lab: Lab, client: string, server: string, life: number): Promise<void> {
  await lab.sysctl(client, { 'net.ipv4.ip_local_port_range': '40000 40199', 'net.ipv4.tcp_tw_reuse': '0' });
  await lab.actor(server, 'listen', { ports: '3306', life });
  const to = lab.host(server).address;
  await lab.actor(client, 'connect', { to, ports: '3306', count: 4, life });
  // At its pace from the first on: ports that were all closed at once would be free again all at once, a minute later.
  await lab.actor(client, 'connect', { to, ports: '3306', every: 100, batch: 10, after: 'close', life });
  await lab.until(client, { see: 'sockets', filter: 'state time-wait dport = :3306', atLeast: 196 });
}
