import { ALLOWED } from '#domain/allowed-sysctls.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';

/** A kernel takes some 320 bytes for an entry, and tracking should not take more of a host than this share. */
const BYTES_EACH = 320;
const MEMORY_SHARE = 1 / 16;
/** Below this share of the table nothing is near. */
const FULL = 0.8;
const ROOMY = 0.6;

export const fix = defineFix({
  id: 'raise-conntrack-max',
  risk: 'medium',
  writes: ['net.netfilter.nf_conntrack_max'],
  cures: ['conntrack-table-full'],
  needs: ['conntrack', 'host'],

  plan({ now: { conntrack, host } }) {
    const { count, max, maxIsWritable } = conntrack;
    const facts = {
      count: fact(count, 'entries', 'conntrack: of this network namespace'),
      max: setting(max, 'sysctl:net.netfilter.nf_conntrack_max'),
      share: fact(max === 0 ? null : count / max, 'ratio', 'count / max'),
    };
    if (max === 0 || count / max < FULL) return refused('not-needed', facts);
    if (maxIsWritable === false) return refused('hosts-own', facts);
    if (host.memoryBytes === null) return undecided({ kind: 'absent', reason: { code: 'absent', what: 'MemTotal' } });
    const bound = Math.min(highest(), Math.floor((host.memoryBytes * MEMORY_SHARE) / BYTES_EACH));
    const to = Math.min(bound, Math.max(max * 2, Math.ceil(count / ROOMY)));
    if (to <= max) return refused('no-memory', facts);
    const effect = {
      ...facts,
      to: setting(to, 'twice max, or what makes count 60 %; at most a sixteenth of memory at 320 B each'),
      newShare: fact(count / to, 'ratio', 'count / to'),
      memory: fact((to - max) * BYTES_EACH, 'bytes', '(to - max) * 320 B, when all are in use'),
      crowded: flag(conntrack.buckets !== null && to > conntrack.buckets * 4, 'to > 4 entries a bucket'),
    };
    return set([{ key: 'net.netfilter.nf_conntrack_max', to: String(to) }], effect, [
      { number: 'share', wants: 'at-most', value: FULL, within: 5 },
    ]);
  },

  measure({ now: { conntrack } }) {
    const { count, max } = conntrack;
    return {
      share: fact(max === 0 ? null : count / max, 'ratio', 'conntrack: count / max'),
      count: fact(count, 'entries', 'conntrack: of this network namespace'),
    };
  },
});

function highest(): number {
  const bounds = ALLOWED.get('net.netfilter.nf_conntrack_max');
  return bounds?.shape === 'integer' ? bounds.max : 0;
}
