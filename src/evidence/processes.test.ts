/** The real script on real processes, in namespaces of the test's own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Processes, processes } from './processes.ts';

const bin = mkdtempSync(join(tmpdir(), 'processes-'));
afterAll(() => rmSync(bin, { recursive: true }));

/** A process that owns a listener and more than 4,096 descriptors, and one with listeners in another network namespace. */
const PLACE = `
ip link set lo up
exec 3< <(prlimit --nofile=9000:9000 node -e '
  const fs = require("node:fs"), net = require("node:net");
  net.createServer().listen(8080, () => {
    for (let i = 0; i < 5000; i++) fs.openSync("/dev/null");
    console.log("ready");
  });
')
read -r _ <&3
exec 4< <(unshare --net node -e '
  const net = require("node:net");
  const ports = [9000, 81, 8000];
  for (const port of ports) net.createServer().listen(port, "0.0.0.0", () => ports.pop() && !ports.length && net.createServer().listen(82, "::", () => console.log("ready")));
')
read -r _ <&4
inode=$(awk '$4 == "0A" { print $10 }' /proc/net/tcp /proc/net/tcp6)
export SOCKETS="inode listen 8080 $inode
inode listen 22 1" ME=0 MACHINE=$(uname -m) LISTED=$(ls -lnd /proc/self/ns/net)
PATH=$BIN:$PATH
eval "$SHELL_LINE"
kill $(jobs -p) 2>/dev/null
pkill -P 1 node
`;

function look(shell: string, programs: Readonly<Record<string, string>>): Processes {
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  const script = 'script' in processes ? `ask() {\n${processes.script}}\nask` : '';
  const unshare = ['--net', '--pid', '--fork', '--mount-proc', 'bash', '-c', PLACE];
  const env = { ...process.env, BIN: bin, SCRIPT: script, SHELL_LINE: `${shell} -c "$SCRIPT" 2>/dev/null` };
  const reading = processes.parse(execFileSync('unshare', unshare, { encoding: 'utf8', env }));
  for (const name of Object.keys(programs)) rmSync(join(bin, name));
  if (reading.kind !== 'read') throw new Error(reading.reason.what);
  return reading.value;
}

const NOT_THERE = '#!/bin/sh\nexit 127\n';

describe.runIf(process.getuid?.() === 0)('who owns sockets', () => {
  it.each([
    ['dash', 'all that it may have', {}],
    ['busybox sh', 'no perl, so that the namespace is not entered', { perl: NOT_THERE }],
    ['bash --posix', 'a kernel that does not count descriptors', { stat: NOT_THERE }],
    ['dash', 'the awk of busybox', { awk: '#!/bin/sh\nexec busybox awk "$@"\n' }],
  ])('is seen under %s with %s', (shell, _, programs) => {
    const { seen, processes: owners, ownerless, otherNamespaces } = look(shell, programs);
    expect({ seen, ownerless }).toEqual({ seen: 'all', ownerless: { ports: [22], closeWait: 0 } });
    expect(owners).toMatchObject([{ name: 'node', uid: 0, listeningPorts: [8080], descriptorLimit: { soft: 9000 } }]);
    expect(owners[0]?.descriptors).toBeGreaterThan(5000);
    expect(otherNamespaces).toMatchObject([{ name: 'node', listeningPorts: [81, 82, 8000, 9000] }]);
  });
});
