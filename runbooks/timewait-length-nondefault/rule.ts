import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { LENGTH_CHANGES, measureTimeWait, type TimeWaitLength } from '#diagnosis/time-wait-length.ts';
import { type Facts, fact, flag, named, setting } from '#domain/fact.ts';
import { isUnknown, type Reading, unreadable } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, undecided } from '#domain/verdict.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { PersistedSysctls } from '#evidence/persisted-sysctls.ts';

/** TCP_TIMEWAIT_LEN is 60 s in every unpatched kernel (include/net/tcp.h); nobody builds one for 5 s less. */
const SHORTER = 55;
/** No timer of an unpatched kernel shows more than 60 s. */
const LONGER = 61;
/** Below this, segments delayed on a long path can outlive the wait that is there for them. */
const RISKY = 10;

const FIN_TIMEOUT = 'net.ipv4.tcp_fin_timeout';

export const diagnosis = defineDiagnosis({
  id: 'timewait-length-nondefault',
  area: 'time-wait',
  needs: ['sockets'],
  uses: [
    'host',
    'persisted-sysctls',
    'sysctl:net.ipv4.tcp_fin_timeout',
    'sysctl:net.ipv4.tcp_tw_recycle',
    'sysctl:net.ipv4.tcp_tw_timeout',
  ],
  usesChange: LENGTH_CHANGES,

  judge({ now: { sockets }, maybe, maybeChange }) {
    const vendor = valueOrNull(maybe['sysctl:net.ipv4.tcp_tw_timeout']);
    const fin = finTimeout(
      valueOrNull(maybe['sysctl:net.ipv4.tcp_fin_timeout']),
      valueOrNull(maybe['persisted-sysctls']),
    );
    const facts = {
      timeWait: fact(sockets.states['time-wait'], 'sockets', 'sockets'),
      vendorSetting: setting(vendor, 'sysctl:net.ipv4.tcp_tw_timeout'),
      finTimeout: setting(fin.value, `sysctl:${FIN_TIMEOUT}`),
      finTimeoutFile: named(fin.file, 'persisted-sysctls'),
      ...kernelFacts(valueOrNull(maybe.host)),
    };
    if (vendor !== null) return judgeLength(vendor, 'sysctl:net.ipv4.tcp_tw_timeout', facts);
    const longest = sockets.timeWaitTimer?.max ?? 0;
    if (longest > LONGER) return judgeLength(longest, 'sockets: longest TIME_WAIT timer', facts);
    const { 'sysctl:net.ipv4.tcp_tw_recycle': recycle, 'sysctl:net.ipv4.tcp_tw_timeout': vendors } = maybe;
    for (const reading of [vendors, recycle]) if (isUnknown(reading)) return undecided(reading);
    // tcp_tw_recycle shortens each wait to a multiple of the connection's round trip; timers say nothing then.
    const recycles = (valueOrNull(recycle) ?? 0) !== 0;
    const measured: TimeWaitLength = recycles ? RECYCLED : measureTimeWait(maybeChange);
    if (measured.kind === 'measured' && (measured.atMost < SHORTER || measured.atLeast >= SHORTER))
      return judgeLength(measured.atLeast, 'sockets: longest TIME_WAIT timer', facts);
    // A host that was too quiet has shown nothing against its kernel; a reading that was lost might have.
    if (measured.kind === 'blocked' && measured.by.reason.code !== 'too-quiet') return undecided(measured.by);
    // The boot default of tcp_fin_timeout is TCP_TIMEWAIT_LEN as well: a 60 that no file has set is the kernel's own.
    if (fin.value === 60 && fin.isDefault) return ruledOut({ ...facts, ...lengthFacts(null, `sysctl:${FIN_TIMEOUT}`) });
    return undecided(measured.kind === 'blocked' ? measured.by : TOO_WIDE);
  },
});

const RECYCLED: TimeWaitLength = { kind: 'blocked', by: unreadable('too-quiet', 'TIME_WAIT (tcp_tw_recycle)') };
/** A socket made early in a long interval may have run down that far. */
const TOO_WIDE = unreadable('too-quiet', 'TIME_WAIT');

function judgeLength(length: number, from: string, facts: Facts): Judgement {
  const all = { ...facts, ...lengthFacts(length, from) };
  if (length >= SHORTER && length <= LONGER) return ruledOut(all);
  return found(length > LONGER || length < RISKY ? 'warn' : 'info', all);
}

function lengthFacts(length: number | null, from: string) {
  return {
    length: fact(length, 'seconds', from),
    longer: flag(length !== null && length > LONGER, 'length > 61'),
    risky: flag(length !== null && length < RISKY, 'length < 10'),
  };
}

function kernelFacts(host: HostFacts | null) {
  return { kernel: named(host?.kernel ?? null, 'host'), builder: named(host?.kernelBuilder ?? null, 'host') };
}

function finTimeout(value: number | null, persisted: PersistedSysctls | null) {
  const key = persisted?.keys.find(({ key }) => key === FIN_TIMEOUT);
  const line = persisted?.tuned?.values.find(({ key }) => key === FIN_TIMEOUT) ?? key?.boot ?? key?.system ?? null;
  return {
    value,
    file: line === null ? null : `${line.file}:${line.line}`,
    isDefault: persisted !== null && persisted.unreadableFiles.length === 0 && line === null,
  };
}

function valueOrNull<T>(reading: Reading<T>): T | null {
  return reading.kind === 'read' ? reading.value : null;
}
