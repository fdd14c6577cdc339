import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sentText } from './fragment.ts';
import { socketTable } from './socket-table.ts';
import { parseSockets, type Sockets } from './sockets.ts';

const samples = fileURLToPath(new URL('samples/', import.meta.url));

/** Every pair of shell and awk a host may have; busybox stands for Alpine and small images. */
const SHELLS = [
  { shell: ['dash'], awk: 'mawk' },
  { shell: ['bash', '--norc'], awk: 'gawk' },
  { shell: ['busybox', 'sh'], awk: 'busybox' },
] as const;

function pathOf(program: string): string {
  return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
}

/** Runs the awk reader over a recorded host: `awk` as asked, `ss` replaying what one version printed. */
function readRecorded({ shell, awk }: (typeof SHELLS)[number], env: Record<string, string>, ss?: string): Sockets {
  // No perl and no python3; no mawk either, but by the name of awk.
  const bin = temporaryDirectory();
  symlinkSync(pathOf(awk), join(bin, 'awk'));
  for (const name of ['sh', 'cat']) symlinkSync(pathOf(name), join(bin, name));
  if (ss !== undefined)
    writeFileSync(
      join(bin, 'ss'),
      `#!/bin/sh\n[ "$1" = -tanoe ] && exec cat '${ss}'\nexec awk '/^(State|LISTEN)/' '${ss}'\n`,
      { mode: 0o755 },
    );
  const [program, ...args] = shell;
  const text = execFileSync(pathOf(program), [...args, '-c', `${COMMON}table() {\n${socketTable.script}\n}\ntable`], {
    encoding: 'utf8',
    env: {
      PATH: bin,
      LC_ALL: 'C',
      BOUNDARY: '-',
      INTERVAL: '0',
      MACHINE: 'x86_64',
      SECONDS_EACH: '10',
      PROC_NET: `${samples}proc-net`,
      ...env,
    },
  });
  const section = /^- begin \d sockets\n(.*)^- end \d sockets 0$/ms.exec(text)?.[1];
  if (section === undefined) throw new Error(text);
  const reading = parseSockets(section);
  if (reading.kind !== 'read') throw new Error(reading.reason.what);
  return reading.value;
}

const COMMON = sentText('src/host/collector-common.sh');

describe('sockets', () => {
  it.each(SHELLS)('counts a recorded /proc/net/tcp with $shell and $awk', (tools) => {
    const value = readRecorded(tools, { SAMPLE: '1' });
    expect(value.coverage).toBe('all');
    expect(value.states).toMatchObject({
      established: 26,
      'time-wait': 37,
      'close-wait': 7,
      'syn-sent': 4,
      'fin-wait-2': 7,
      listen: 4,
    });
    expect(value.listeningPorts).toEqual([8000, 8080, 9000, 9001]);
    expect(value.inbound[0]).toEqual({
      port: 8080,
      total: 14,
      established: 7,
      timeWait: 7,
      synRecv: 0,
      closeWait: 0,
      finWait2: 0,
    });
    // 30 plain and 6 live connections; one of the live ones is IPv4-mapped and shares the tuple space.
    expect(value.outbound[0]).toMatchObject({
      source: '10.9.0.1',
      destination: '10.9.0.1',
      port: 8080,
      total: 36,
      timeWait: 30,
      established: 6,
      keepalive: 2,
    });
    expect(value.outbound.find(({ port }) => port === 81)).toMatchObject({ synSent: 4, synSentRetransmitted: 4 });
    expect(value.sources.find(({ address }) => address === '10.9.0.2')).toEqual({
      address: '10.9.0.2',
      distinctPorts: 6,
      oddPorts: 6,
      sockets: 6,
    });
    expect(value.closeWait).toContainEqual({
      listeningPort: null,
      peer: '::1',
      peerPort: 9001,
      sockets: 3,
      unread: 3,
      unaccepted: 0,
    });
    expect(value.finWait2).toEqual({ miniSockets: 7, orphans: 0, held: 0 });
    expect(value.timeWaitTimer?.max).toBeCloseTo(56.49);
  });

  it.each(['5.9', '6.1', '6.15'])('counts the same from what ss of iproute2 %s prints', (version) => {
    const fromProc = readRecorded(SHELLS[0], { SAMPLE: '1' });
    const withoutProc = { SAMPLE: '1', PROC_NET: emptyProcNet('TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 1') };
    const fromSs = readRecorded(SHELLS[0], withoutProc, `${samples}ss-${version}/tanoe.txt`);
    const { timeWaitTimer, ...counts } = fromSs;
    const { timeWaitTimer: _, ...expected } = fromProc;
    expect({ ...counts, ...sorted(counts) }).toEqual({ ...expected, ...sorted(expected) });
    // ss gives whole seconds.
    expect(timeWaitTimer?.max).toBe(56);
  });

  it.each(['5.9', '6.1', '6.15'])('looks a second time at a large table through ss %s alone', (version) => {
    const large = { SAMPLE: '2', PROC_NET: emptyProcNet('TCP: inuse 30000 orphan 0 tw 9 alloc 1 mem 1') };
    const value = readRecorded(SHELLS[0], large, `${samples}ss-${version}/transient.txt`);
    expect(value.coverage).toBe('transient');
    expect(value.states).toMatchObject({ 'close-wait': 7, 'syn-sent': 4, 'time-wait': 0, established: 0 });
    expect(value.timeWaitTimer).toBeNull();
  });

  it('reads the formats of old ss: no brackets, *, and v4-mapped addresses', () => {
    const old = [
      'State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port',
      'LISTEN     0      128                    :::80                    :::*      uid:0 ino:11 sk:1',
      'LISTEN     0      128                     *:22                     *:*      uid:0 ino:12 sk:2',
      'TIME-WAIT  0      0        ::ffff:10.0.0.1:80       ::ffff:10.0.0.9:51000   timer:(timewait,1min,0) ino:0 sk:0',
      'ESTAB      0      0            10.0.0.1:40000          10.0.0.5:3306        timer:(keepalive,9min3sec,0) uid:1 ino:13 sk:3',
      'TIME-WAIT  0      0            10.0.0.1:40002          10.0.0.5:3306        timer:(timewait,4.560ms,0) ino:0 sk:0',
      'SYN-SENT   0      1            10.0.0.1:40004          10.0.0.5:3306        timer:(on,560ms,2) uid:1 ino:14 sk:4',
    ].join('\n');
    const file = join(emptyProcNet('TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 1'), 'old.txt');
    writeFileSync(file, `${old}\n`);
    const value = readRecorded(SHELLS[2], { SAMPLE: '1', PROC_NET: join(file, '..') }, file);
    expect(value.listeningPorts).toEqual([22, 80]);
    expect(value.inbound).toMatchObject([{ port: 80, timeWait: 1 }]);
    expect(value.outbound).toMatchObject([
      { destination: '10.0.0.5', port: 3306, total: 3, keepalive: 1, timeWaitOld: 1, synSentRetransmitted: 1 },
    ]);
    expect(value.timeWaitTimer).toEqual({ min: 4.56, max: 60 });
  });

  it('is garbled, with the line, when ss prints a format nobody knows', () => {
    const file = join(emptyProcNet('TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 1'), 'new.txt');
    writeFileSync(file, 'tcp|ESTAB|10.0.0.1|40000\n');
    expect(() => readRecorded(SHELLS[0], { SAMPLE: '1', PROC_NET: join(file, '..') }, file)).toThrow(
      'tcp|ESTAB|10.0.0.1|40000',
    );
  });
});

it('is perl that keeps to what `use strict` asks for', () => {
  const program = fileURLToPath(new URL('socket-table.pl', import.meta.url));
  execFileSync('perl', ['-Mstrict', '-c', program], { stdio: 'pipe' });
});

it('does not take an ss that fails for an empty table', () => {
  const dir = emptyProcNet('TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 1');
  expect(() => readRecorded(SHELLS[0], { SAMPLE: '1', PROC_NET: dir }, join(dir, 'no-such-file'))).toThrow('ss failed');
});

/** A /proc/net that has sockstat but no tcp: the fragment must turn to ss. */
function emptyProcNet(sockstat: string): string {
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'sockstat'), `sockets: used 1\n${sockstat}\n`);
  return dir;
}

function temporaryDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tcp-oncall-sockets-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}

/** Groups of the same size come in any order. */
function sorted(value: Omit<Sockets, 'timeWaitTimer'>) {
  const byText = (list: readonly object[]) => list.map((item) => JSON.stringify(item)).sort();
  return {
    inbound: byText(value.inbound),
    outbound: byText(value.outbound),
    sources: byText(value.sources),
    closeWait: byText(value.closeWait),
  };
}
