/** What people try and what does not help, written as root on real hosts and measured: the reasons why no fix plans it. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { halfOpenHandshakes, listen, sysctl } from './fault.ts';
import { findFault } from './fault-catalogue.ts';
import { OUT_OF_PORTS } from './fix-faults.ts';
import { type Lab, openLab } from './lab.ts';
import { hostNames } from './names.ts';
import { counter, queueOf, tally, timers } from './observe.ts';

const [FIN_WAIT_2, TIME_WAIT] = [5, 6];
const SOON = { interval: 250 };
const hosts = hostNames(10);
/** A subject and its peer for each test. */
const pairs = [0, 2, 4, 6, 8].map((at) => hosts.slice(at, at + 2));
let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ name: `t${process.pid.toString(36)}w`, hosts: hosts.length });
});
afterAll(() => lab?.close());

describe.concurrent('it does not help', () => {
  it('to lower tcp_fin_timeout: it ends FIN_WAIT_2, and TIME_WAIT lasts 60 s', async ({ expect }) => {
    const [subject = '', peer = ''] = pairs[0] ?? [];
    const to = lab.host(peer).address;
    await lab.actor(peer, 'listen', { ports: '3306' });
    await lab.actor(peer, 'listen', { ports: '3307', after: 'keep' });
    // The peer answers one close in 250 with a reset, which would end its TIME_WAIT early (RFC 1337).
    await lab.sysctl(subject, { 'net.ipv4.tcp_fin_timeout': '5', 'net.ipv4.tcp_rfc1337': '1' });
    const began = performance.now();
    await lab.actor(subject, 'connect', { to, ports: '3306,3307', count: 40, after: 'close' });
    const secondsOf = async (port: number, wanted: number) =>
      (await timers(lab, subject, port)).filter(({ state }) => state === wanted).map(({ seconds }) => seconds);
    const short = async () => (await secondsOf(3307, FIN_WAIT_2)).filter((seconds) => seconds <= 5);
    await expect.poll(short, SOON).toHaveLength(20);
    await expect.poll(() => secondsOf(3306, TIME_WAIT), SOON).toHaveLength(20);
    const left = Math.min(...(await secondsOf(3306, TIME_WAIT)));
    expect(left + (performance.now() - began) / 1000).toBeGreaterThan(59.9);
    await expect.poll(() => secondsOf(3307, FIN_WAIT_2), SOON).toEqual([]);
    expect(await secondsOf(3306, TIME_WAIT)).toHaveLength(20);
  });

  it('to raise somaxconn: a listener keeps its queue until it calls listen() again', async ({ expect }) => {
    const [subject = ''] = pairs[1] ?? [];
    const SERVICE = `
      socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
      bind(S, sockaddr_in(8080, INADDR_ANY)) or die $!;
      listen(S, 1024);
      select(undef, undef, undef, 0.05) until -e "/tmp/reload";
      listen(S, 1024);
      sleep 40;`;
    await lab.sysctl(subject, { 'net.core.somaxconn': '8' });
    void lab.exec(subject, ['perl', '-MSocket', '-e', SERVICE], { timeoutMs: 50_000 });
    await expect.poll(() => queueOf(lab, subject, 8080), SOON).toBe(8);
    await lab.sysctl(subject, { 'net.core.somaxconn': '4096' });
    expect(await queueOf(lab, subject, 8080)).toBe(8);
    await lab.exec(subject, ['touch', '/tmp/reload']);
    await expect.poll(() => queueOf(lab, subject, 8080), SOON).toBe(1024);
  });

  it('to turn tcp_tw_reuse on without timestamps: EADDRNOTAVAIL goes on', async ({ expect }) => {
    const [subject = '', peer = ''] = pairs[2] ?? [];
    const off = sysctl('subject', { 'net.ipv4.tcp_timestamps': 0 });
    await lab.provoke({ ...OUT_OF_PORTS, steps: [off, ...OUT_OF_PORTS.steps] }, subject, [peer]);
    await lab.sysctl(subject, { 'net.ipv4.tcp_tw_reuse': '1' });
    const failed = async () => (await tally(lab, subject)).failed['EADDRNOTAVAIL'] ?? 0;
    // Two rounds of 10 attempts ago the last port was taken.
    await expect.poll(failed, SOON).toBeGreaterThan(20);
    const before = await tally(lab, subject);
    // 300 attempts at 100 a second: longer than the second after which a port might be taken over.
    await expect.poll(failed, SOON).toBeGreaterThan((before.failed['EADDRNOTAVAIL'] ?? 0) + 300);
    expect((await tally(lab, subject)).connected).toBe(before.connected);
    expect(await counter(lab, subject, 'TcpExt.TWRecycled')).toBe(0);
  });

  it('to lower tcp_max_tw_buckets: closes skip TIME_WAIT, and late segments are answered with a reset', async ({
    expect,
  }) => {
    const [subject = '', peer = ''] = pairs[3] ?? [];
    await lab.actor(peer, 'listen', { ports: '3306', after: 'late' });
    const closes = { to: lab.host(peer).address, ports: '3306', count: 60, after: 'close' };
    await lab.actor(subject, 'connect', closes);
    const numbers = async () => ({
      skipped: await counter(lab, subject, 'TcpExt.TCPTimeWaitOverflow'),
      resets: await counter(lab, subject, 'Tcp.OutRsts'),
      timeWait: (await timers(lab, subject, 3306)).length,
    });
    await expect.poll(numbers, SOON).toMatchObject({ skipped: 0, timeWait: 60 });
    const before = await numbers();
    // No room is left, so that none of the next 60 is kept.
    await lab.sysctl(subject, { 'net.ipv4.tcp_max_tw_buckets': '20' });
    await lab.actor(subject, 'connect', closes);
    await expect.poll(numbers, SOON).toMatchObject({ skipped: 60, timeWait: 60 });
    // The peer's FIN comes to a socket that should have waited for it, and has gone.
    await expect.poll(async () => (await numbers()).resets - before.resets, SOON).toBe(60);
  });

  it('to raise tcp_max_syn_backlog with cookies on: the listener’s own backlog is the limit', async ({ expect }) => {
    const [subject = '', peer = ''] = pairs[4] ?? [];
    const { id, expects } = await findFault('syn-queue-overflow');
    const steps = [
      listen('subject', { ports: '8080', backlog: 64 }),
      ...halfOpenHandshakes('client', 'subject', '8080'),
    ];
    await lab.provoke({ id, expects, title: 'Handshakes that nobody completes', steps }, subject, [peer]);
    const halfOpen = async () => {
      const { stdout } = await lab.exec(subject, ['ss', '-tnH', 'state', 'syn-recv']);
      return stdout.split('\n').length - 1;
    };
    await expect.poll(halfOpen, SOON).toBe(65);
    const cookies = () => counter(lab, subject, 'TcpExt.TCPReqQFullDoCookies');
    await lab.sysctl(subject, { 'net.ipv4.tcp_max_syn_backlog': '65536' });
    const before = await cookies();
    await expect.poll(cookies, SOON).toBeGreaterThan(before + 100);
    expect(await halfOpen()).toBe(65);
  });
});
