import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { type Delta, delta, perSecond } from '#domain/evidence.ts';
import { fact, flag, named, setting } from '#domain/fact.ts';
import { type Missing, type Reading, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { PersistedSysctls } from '#evidence/persisted-sysctls.ts';

const KEY = 'net.ipv4.tcp_tw_recycle';

interface State {
  /** null where this kernel has no such switch. */
  readonly value: number | null;
  /** The line that sets it to something other than 0 at boot. */
  readonly line: { readonly value: string; readonly file: string; readonly line: number } | null;
  /** Connection requests refused because of it, between the samples. */
  readonly refused: Delta<number> | null;
  readonly refusedSinceBoot: number | null;
}

export const diagnosis = defineDiagnosis({
  id: 'tw-recycle-enabled',
  area: 'time-wait',
  uses: ['sysctl:net.ipv4.tcp_tw_recycle', 'counter:TcpExt.PAWSPassive', 'persisted-sysctls'],
  usesChange: ['counter:TcpExt.PAWSPassive'],

  judge({ maybe, maybeChange }) {
    const { 'sysctl:net.ipv4.tcp_tw_recycle': recycle, 'counter:TcpExt.PAWSPassive': counter } = maybe;
    const { 'persisted-sysctls': persisted } = maybe;
    const refused = valueOrNull(maybeChange['counter:TcpExt.PAWSPassive']);
    const state = {
      value: valueOrNull(recycle),
      line: enablingLine(persisted),
      refused,
      refusedSinceBoot: valueOrNull(counter),
    };
    const facts = recycleFacts(state);
    if (state.value !== null && state.value !== 0) return found(isRefusing(state) ? 'crit' : 'warn', facts);
    const hidden = recycle.kind === 'read' ? null : hiddenSwitch(recycle, counter);
    if (hidden !== null) return undecided(hidden);
    if (state.line !== null) return found(state.value === null ? 'info' : 'warn', facts);
    if (persisted.kind !== 'read') return undecided(persisted);
    const [file] = persisted.value.unreadableFiles;
    // Without the switch no file can turn it on.
    if (file !== undefined && state.value !== null) return undecided(unreadable('no-permission', file));
    return ruledOut(facts);
  },
});

/**
 * Commit 4396e46187ca (4.12) removed the counter with the switch. A counter without a switch is a container on a kernel
 * before about 4.11: it does not see the file, and the host's value holds for it.
 */
function hiddenSwitch(recycle: Missing, counter: Reading<number>): Missing | null {
  if (recycle.kind !== 'absent' || counter.kind === 'read') return recycle;
  return counter.kind === 'absent' ? null : counter;
}

function isRefusing({ refused }: State): boolean {
  return refused !== null && delta(refused) > 0;
}

function valueOrNull<T>(reading: Reading<T>): T | null {
  return reading.kind === 'read' ? reading.value : null;
}

/** tuned applies its values after the files. */
function enablingLine(reading: Reading<PersistedSysctls>): State['line'] {
  const persisted = valueOrNull(reading);
  const byTuned = persisted?.tuned?.values.findLast(({ key }) => key === KEY);
  const line = byTuned ?? persisted?.keys.find(({ key }) => key === KEY)?.boot ?? null;
  return line?.value === '0' ? null : line;
}

function recycleFacts(state: State) {
  const { value, line, refusedSinceBoot } = state;
  const refused = isRefusing(state) ? state.refused : null;
  return {
    known: flag(value !== null, `sysctl:${KEY}`),
    on: flag(value !== null && value !== 0, `sysctl:${KEY}`),
    value: setting(value, `sysctl:${KEY}`),
    bootValue: setting(line?.value ?? null, 'persisted-sysctls'),
    file: named(line === null ? null : `${line.file}:${line.line}`, 'persisted-sysctls'),
    refused: fact(refused && delta(refused), 'packets', 'change of counter:TcpExt.PAWSPassive'),
    refusedPerSecond: fact(refused && perSecond(refused), 'per-second', 'refused / seconds between the samples'),
    refusedSinceBoot: fact(refusedSinceBoot, 'packets', 'counter:TcpExt.PAWSPassive'),
  };
}
