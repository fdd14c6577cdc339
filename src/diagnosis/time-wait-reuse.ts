/** Whether connect() may take over a TIME_WAIT port to one destination (tcp_twsk_unique, net/ipv4/tcp_ipv4.c). */
import { type Delta, delta } from '#domain/evidence.ts';
import { isUnknown, type Missing, type Reading } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { PeerTimestamps } from '#evidence/peer-timestamps.ts';
import type { Destination } from '#evidence/sockets.ts';
import { kernelAtLeast } from './kernel-version.ts';

/** What a rule lists under `uses` to ask `timeWaitReuse`. */
export const REUSE_READINGS = [
  'host',
  'peer-timestamps',
  'sysctl:net.ipv4.tcp_timestamps',
  'sysctl:net.ipv4.tcp_tw_reuse',
  'sysctl:net.ipv4.tcp_tw_reuse_delay',
] as const;

/** What it lists under `usesChange`. */
export const REUSE_CHANGES = ['counter:TcpExt.TWRecycled'] as const;

export interface ReuseReadings {
  readonly maybe: {
    readonly host: Reading<HostFacts>;
    readonly 'peer-timestamps': Reading<PeerTimestamps>;
    readonly 'sysctl:net.ipv4.tcp_timestamps': Reading<number>;
    readonly 'sysctl:net.ipv4.tcp_tw_reuse': Reading<number>;
    readonly 'sysctl:net.ipv4.tcp_tw_reuse_delay': Reading<number>;
  };
  readonly maybeChange: { readonly 'counter:TcpExt.TWRecycled': Reading<Delta<number>> };
}

export type TimeWaitReuse =
  /** A port is free again so many seconds after its connection closed. */
  | { readonly kind: 'works'; readonly afterSeconds: number }
  /** Not switched on for this destination. */
  | { readonly kind: 'off' }
  /** Whatever the switch says, connections to this destination carry no timestamps. */
  | { readonly kind: 'no-timestamps' }
  /** Switched on, but no port was taken over between the samples, and no live connection tells whether it could be. */
  | { readonly kind: 'not-seen' }
  | { readonly kind: 'unproven'; readonly blockedBy: Missing };

type Peer = Pick<Destination, 'destination' | 'port'>;

export function timeWaitReuse(peer: Peer, { maybe, maybeChange }: ReuseReadings): TimeWaitReuse {
  const negotiated = negotiatesTimestamps(peer, maybe);
  if (negotiated === false) return { kind: 'no-timestamps' };
  const setting = maybe['sysctl:net.ipv4.tcp_tw_reuse'];
  // Kernels that hide the file from containers (before 4.15) have reuse off by default.
  if (setting.kind === 'absent') return { kind: 'off' };
  if (setting.kind !== 'read') return { kind: 'unproven', blockedBy: setting };
  if (setting.value === 0) return { kind: 'off' };
  if (maybe.host.kind !== 'read') return { kind: 'unproven', blockedBy: maybe.host };
  const release = maybe.host.value.kernel;
  if (!reuseAppliesTo(peer.destination, setting.value, release)) return { kind: 'off' };
  const recycled = maybeChange['counter:TcpExt.TWRecycled'];
  if (negotiated === undefined && recycled.kind !== 'read') return { kind: 'unproven', blockedBy: recycled };
  if (negotiated === undefined && recycled.kind === 'read' && delta(recycled.value) <= 0) return { kind: 'not-seen' };
  const blockedBy = whatMayRefuse(negotiated, maybe);
  if (blockedBy !== undefined) return { kind: 'unproven', blockedBy };
  return { kind: 'works', afterSeconds: delaySeconds(maybe['sysctl:net.ipv4.tcp_tw_reuse_delay'], release) };
}

/** A reading that was not to be had, and may say that ports are not taken over, or not so soon. */
function whatMayRefuse(negotiated: boolean | undefined, maybe: ReuseReadings['maybe']): Missing | undefined {
  const { 'peer-timestamps': peers, 'sysctl:net.ipv4.tcp_timestamps': own } = maybe;
  // Ports that were taken over may have been another destination's.
  const asked = negotiated === undefined ? [own, peers] : [own];
  return [...asked, maybe['sysctl:net.ipv4.tcp_tw_reuse_delay']].find(isUnknown);
}

/** 2 means loopback only since 4.18 (commit 79e9fed46038); before, any value but 0 means everywhere. */
export function reuseAppliesTo(address: string, setting: number, release: string): boolean {
  if (setting === 0) return false;
  return setting !== 2 || isLoopback(address) || !kernelAtLeast(release, 4, 18);
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Both ends must: this one by its sysctl, the other by what live connections show; undefined where none was looked at. */
function negotiatesTimestamps(peer: Peer, maybe: ReuseReadings['maybe']): boolean | undefined {
  const { 'sysctl:net.ipv4.tcp_timestamps': own, 'peer-timestamps': peers } = maybe;
  if (own.kind === 'read' && own.value === 0) return false;
  if (isLoopback(peer.destination)) return true;
  const seen = peerTimestampsOf(peer, peers);
  return seen === null ? undefined : seen.withTimestamps * 2 >= seen.sockets;
}

/** What live connections to one destination show; null where none was looked at. */
export function peerTimestampsOf(
  peer: Peer,
  peers: Reading<PeerTimestamps>,
): { readonly sockets: number; readonly withTimestamps: number } | null {
  if (peers.kind !== 'read') return null;
  const seen = peers.value.destinations.find(
    ({ destination, port }) => destination === peer.destination && port === peer.port,
  );
  return seen !== undefined && seen.sockets > 0 ? seen : null;
}

/** tcp_tw_reuse_delay where the kernel has it (6.14); else one tick of a seconds clock, and two before 4.19. */
export function delaySeconds(delay: Reading<number>, release: string): number {
  if (delay.kind === 'read') return delay.value / 1000;
  return kernelAtLeast(release, 4, 19) ? 1 : 2;
}
