/** However much there is on a host, a collection starts no more processes. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { collectorScript } from './collector-on-host.ts';

const run = promisify(execFile);

/** By what reads the socket table. Without perl and python3, each look at the accept queues is two: an ss and a sleep. There is one look here. */
const READERS = [
  { reader: 'perl', without: [], most: 20 },
  { reader: 'python3', without: ['perl'], most: 20 },
  { reader: 'awk', without: ['perl', 'python3'], most: 24 },
] as const;

/** The kernel numbers processes of a namespace one after the other: the last field of /proc/loadavg is the newest one's. */
const COUNTED = `read -r _ _ _ _ before </proc/loadavg
${collectorScript()}
read -r _ _ _ _ after </proc/loadavg
echo "$((after - before))" >&2
`;

/** Owners of listeners, connections to each, and namespaces with a process, all gone with the process namespace. */
const FULL = `
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
  unshare --net sleep 60 &
done
coproc OWNERS { perl -e '
  use Socket;
  $| = 1;
  for my $port (8001 .. 8060) {
    pipe(my $ready, my $listening);
    if (!fork) {
      socket($_, AF_INET, SOCK_STREAM, 0) or die for my ($listener, $connection);
      bind($listener, pack_sockaddr_in($port, INADDR_LOOPBACK)) && listen($listener, 5) or die;
      connect($connection, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die;
      syswrite($listening, "x");
      sleep 60;
      exit;
    }
    close($listening);
    sysread($ready, my $one, 1);
  }
  print "ready\\n";
  sleep 60;
'; }
read -r _ <&"\${OWNERS[0]}"
`;

const HOSTS = { 'an empty host': '', 'a host full of owners, connections and namespaces': FULL };

it.each(READERS.flatMap((reader) => Object.entries(HOSTS).map(([host, fill]) => ({ ...reader, host, fill }))))(
  '$host, its table read by $reader',
  async ({ without, most, fill }) => {
    const programs = `mount -t tmpfs tmpfs /mnt; ln -s /usr/bin/* /mnt; cd /mnt; rm -f -- ${without.join(' ')}; PATH=/mnt exec sh -s`;
    const argv = ['--net', '--pid', '--fork', '--mount-proc', 'bash', '-c', `ip link set lo up; ${fill}\n${programs}`];
    const child = run('unshare', argv);
    child.child.stdin?.end(COUNTED);
    const { stdout, stderr } = await child;
    expect(Number(stderr)).toBeGreaterThan(5);
    expect(Number(stderr)).toBeLessThanOrEqual(most);
    expect(stdout).toContain(' done 2\n');
  },
);
