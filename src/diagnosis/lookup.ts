/** Finds one reading in the evidence: a source, one sysctl or one counter of it, now or as a change between two samples. */
import type { Delta, Evidence, Sample } from '#domain/evidence.ts';
import { absent, isUnknown, type Reading, read, unreadable } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { Sockets } from '#evidence/sockets.ts';
import type { ReadingKey } from './reading-key.ts';

/** The newest sample's reading, or an older one where the newest has none or only part of it. */
export function readNow(key: ReadingKey, evidence: Evidence): Reading<unknown> {
  return named(key, newest(key, evidence));
}

/** Whether readNow gives an older sample's reading because the newest could not be read. */
export function isFromOlder(key: ReadingKey, { samples }: Evidence): boolean {
  const [first, second] = samples;
  return second !== undefined && isLost(readIn(second, key)) && isWhole(readIn(first, key));
}

/** As readNow, but what the newest sample was asked for and could not be read stays unknown. */
export function readNewest(key: ReadingKey, evidence: Evidence): Reading<unknown> {
  const last = readIn(evidence.samples[1] ?? evidence.samples[0], key);
  return isLost(last) ? named(key, last) : readNow(key, evidence);
}

function isLost(reading: Reading<unknown>): boolean {
  return isUnknown(reading) && !isNotCollected(reading);
}

function newest(key: ReadingKey, evidence: Evidence): Reading<unknown> {
  const newestFirst = evidence.samples.map((sample) => readIn(sample, key)).toReversed();
  return (
    newestFirst.find(isWhole) ??
    // What only the first sample asks for is not missing from the second, and an absence it found stands.
    newestFirst.find((reading) => reading.kind !== 'absent' && !isNotCollected(reading)) ??
    newestFirst.find((reading) => !isNotCollected(reading)) ??
    // Half of the sources are asked between the samples: until the second is there, they are not late.
    (evidence.samples.length === 1 ? unreadable('needs-second-sample', key) : notCollected(key))
  );
}

/** The reading of both samples, unless there is only one, or the host rebooted or changed namespace between them. */
export function readDelta(key: ReadingKey, evidence: Evidence): Reading<Delta<unknown>> {
  return named(key, deltaOf(key, evidence));
}

function deltaOf(key: ReadingKey, evidence: Evidence): Reading<Delta<unknown>> {
  const [first, second] = evidence.samples;
  const before = readIn(first, key);
  if (before.kind !== 'read') return before;
  if (second === undefined) return unreadable('needs-second-sample', key);
  const after = readIn(second, key);
  if (after.kind !== 'read') return after;
  const interval = readInterval(first, second);
  if (interval.kind !== 'read') return interval;
  const change = { before: before.value, after: after.value, seconds: interval.value };
  return key.startsWith('counter:') && !isCounted(change) ? unreadable('counters-reset', key) : read(change);
}

/** Packets or connections a second, past anything a machine does: a counter that leaps did not count. */
const FASTEST = 1e9;

function isCounted({ before, after, seconds }: Delta<unknown>): boolean {
  const growth = Number(after) - Number(before);
  return growth >= 0 && growth <= FASTEST * seconds;
}

/** Seconds between the samples by the host's clock; a pair across a reboot or a namespace change is void. */
export function readInterval(first: Sample, second: Sample): Reading<number> {
  const [a, b] = [hostOf(first), hostOf(second)];
  if (a.kind !== 'read') return a;
  if (b.kind !== 'read') return b;
  if (a.value.bootId !== b.value.bootId || b.value.uptime < a.value.uptime)
    return unreadable('counters-reset', 'reboot');
  if (a.value.netns !== b.value.netns) return unreadable('counters-reset', 'another network namespace');
  // Rates are made of it: a clock that stands still would make each of them 0.
  if (b.value.uptime === a.value.uptime) return unreadable('failed', 'host: the same uptime in both samples');
  return read(b.value.uptime - a.value.uptime);
}

/** Says in the reason which reading was asked for. */
function named<T>(key: ReadingKey, reading: Reading<T>): Reading<T> {
  return reading.kind === 'read' ? reading : { ...reading, reason: { ...reading.reason, reading: key } };
}

function hostOf(sample: Sample): Reading<HostFacts> {
  return readIn(sample, 'host') as Reading<HostFacts>;
}

function readIn(sample: Sample, key: ReadingKey): Reading<unknown> {
  const [prefix, name] = split(key);
  if (prefix === 'sysctl') return entryOf(sample, 'sysctls', name);
  if (prefix === 'counter')
    return entryOf(sample, name.startsWith('TcpExt.') || name.startsWith('IpExt.') ? 'netstat' : 'snmp', name);
  return sample.readings[key] ?? notCollected(key);
}

function split(key: string): readonly [prefix: string, name: string] {
  const colon = key.indexOf(':');
  return [key.slice(0, Math.max(colon, 0)), key.slice(colon + 1)];
}

/** A value inside a source that reads many: sysctls are readings themselves, counters plain numbers. */
function entryOf(sample: Sample, source: 'sysctls' | 'netstat' | 'snmp', name: string): Reading<unknown> {
  const reading = sample.readings[source];
  if (reading === undefined) return notCollected(source);
  if (reading.kind !== 'read') return reading;
  const entry = (reading.value as Readonly<Record<string, unknown>>)[name];
  if (entry === undefined) return source === 'sysctls' ? notCollected(name) : absent(name);
  return source === 'sysctls' ? (entry as Reading<unknown>) : read(entry);
}

function isWhole(reading: Reading<unknown>): boolean {
  return reading.kind === 'read' && (reading.value as Partial<Sockets>).coverage !== 'transient';
}

function isNotCollected(reading: Reading<unknown>): boolean {
  return reading.kind === 'unreadable' && reading.reason.code === 'not-collected';
}

function notCollected(what: string): Reading<never> {
  return unreadable('not-collected', what);
}
