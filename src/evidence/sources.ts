/** Every source, in the order the collector asks them; adding one is a line here. */
import type { RawSample, Sample, Source } from '#domain/evidence.ts';
import { garbled, type Reading } from '#domain/reading.ts';
import { acceptQueues } from './accept-queues.ts';
import { changeHelper } from './change-helper.ts';
import { conntrack } from './conntrack.ts';
import { netstat, snmp } from './counters.ts';
import { host } from './host.ts';
import { kernelLog } from './kernel-log.ts';
import { limits } from './limits.ts';
import { listeners } from './listeners.ts';
import { peerTimestamps } from './peer-timestamps.ts';
import { persistedSysctls } from './persisted-sysctls.ts';
import { processes } from './processes.ts';
import { sockets } from './sockets.ts';
import { sockstat } from './sockstat.ts';
import { sysctls } from './sysctls.ts';

/** `sockets` comes before the sources that look into what it found. */
export const SOURCES: readonly Source<unknown>[] = [
  host,
  sysctls,
  netstat,
  snmp,
  sockstat,
  listeners,
  sockets,
  conntrack,
  peerTimestamps,
  limits,
  kernelLog,
  persistedSysctls,
  changeHelper,
  processes,
  acceptQueues,
];

/** Reads each raw section with its source's parser. A section of an unknown name is garbled. */
export function parseSample(raw: RawSample, sources: readonly Source<unknown>[] = SOURCES): Sample {
  const parsers = new Map(sources.map((source) => [source.name, source.parse]));
  const readings = Object.entries(raw.readings).map(([name, reading]): readonly [string, Reading<unknown>] => {
    if (reading.kind !== 'text') return [name, reading];
    return [name, parsers.get(name)?.(reading.text) ?? garbled(1, `section ${name}`)];
  });
  return { readings: Object.fromEntries(readings) };
}
