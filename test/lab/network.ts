/**
 * The lab's wires: a bridge in a network namespace of its own, one veth up to the machine (10.77.<n>.1),
 * one veth down to each host (10.77.<n>.<10 + i>), no default route anywhere.
 */
import { must, run } from './command.ts';
import { LabError } from './lab-error.ts';
import { bridgeNetns, netnsName, netnsPath } from './names.ts';

/** Hosts get a TCP hash of their own: a big neighbour must not slow down what `ss` does in a small one. */
const TCP_HASH_BUCKETS = 65_536;

/** A host may answer the machine over TCP. It cannot open a connection to it, and nothing else gets through at all. */
const GUARD = `table bridge guard {
  chain forwarding {
    type filter hook forward priority 0; policy accept;
    oifname != "uplink" accept
    ether type arp accept
    meta l4proto tcp tcp flags & (syn | ack) != syn accept
    counter drop
  }
  # The bridge itself has no business with the machine.
  chain sending {
    type filter hook output priority 0; policy accept;
    oifname "uplink" drop
  }
}
`;

export function addressOf(subnet: number, index: number): string {
  return `10.77.${subnet}.${10 + index}`;
}

export function insideNetns(netns: string, argv: readonly string[]): readonly string[] {
  return ['nsenter', `--net=${netnsPath(netns)}`, '--', ...argv];
}

/** Creates the lab's namespaces and wires and returns the number of the /24 it claimed. */
export async function buildNetwork(lab: string, hosts: readonly string[]): Promise<number> {
  const bridge = bridgeNetns(lab);
  await must(endingWithUs(['ip', 'netns', 'add', bridge]));
  const subnet = await claimSubnet(bridge);
  await must(insideNetns(bridge, ['sysctl', '-qw', `net.ipv4.tcp_child_ehash_entries=${TCP_HASH_BUCKETS}`]));
  // The namespaces are made from within the bridge's, because that is where the hash size is taken from.
  await must(endingWithUs(insideNetns(bridge, ['ip', '-batch', '-'])), { input: wiring(lab, hosts) });
  await must(insideNetns(bridge, ['nft', '-f', '-']), { input: GUARD });
  await must(['ip', '-batch', '-'], {
    input: `addr add 10.77.${subnet}.1/24 dev tol${subnet}\nlink set tol${subnet} up\n`,
  });
  await Promise.all(hosts.map((host, index) => configureHost(netnsName(lab, host), addressOf(subnet, index))));
  return subnet;
}

/** When we are killed it makes no more: whoever takes down what we have left would otherwise be through before it is. */
function endingWithUs(argv: readonly string[]): readonly string[] {
  return ['setpriv', '--pdeathsig', 'KILL', '--', ...argv];
}

/** The interface is the claim: the kernel lets only one lab create `tol<n>`, and it goes when the lab goes. */
async function claimSubnet(bridge: string): Promise<number> {
  const start = Math.floor(Math.random() * 256);
  for (let step = 0; step < 256; step += 1) {
    const number = (start + step) % 256;
    const claim = ['ip', 'link', 'add', `tol${number}`, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', bridge];
    const { status, stderr } = await run(claim);
    if (status === 0) return number;
    if (!stderr.includes('File exists')) throw new LabError(`Cannot make a network for the lab: ${stderr.trim()}`);
  }
  throw new LabError('All 256 lab networks are taken: `npm run lab -- down --all` removes the labs of this machine.');
}

function wiring(lab: string, hosts: readonly string[]): string {
  const lines = ['link add lab0 type bridge', 'link set uplink master lab0', 'link set lab0 up', 'link set uplink up'];
  for (const [index, host] of hosts.entries()) {
    const netns = netnsName(lab, host);
    lines.push(
      `netns add ${netns}`,
      `link add h${index} type veth peer name eth0 netns ${netns}`,
      `link set h${index} master lab0`,
      `link set h${index} up`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function configureHost(netns: string, address: string): Promise<string> {
  const input = `link set lo up\naddr add ${address}/24 dev eth0\nlink set eth0 up\n`;
  return must(['ip', '-netns', netns, '-batch', '-'], { input });
}
