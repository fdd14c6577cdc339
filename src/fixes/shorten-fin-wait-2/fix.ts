import { fact, setting } from '#domain/fact.ts';
import type { Sockets } from '#evidence/sockets.ts';
import { defineFix, refused, set, undecided } from '../fix.ts';

/** Still kind to slow peers; the kernel's default is 60 s. */
const SECONDS = 20;
/** Fewer are an ordinary close under way. */
const FEWEST = 64;

export const fix = defineFix({
  id: 'shorten-fin-wait-2',
  risk: 'medium',
  writes: ['net.ipv4.tcp_fin_timeout'],
  cures: ['fin-wait2-orphan-pileup'],
  needs: ['sockets'],
  uses: ['sysctl:net.ipv4.tcp_fin_timeout'],

  plan({ now: { sockets }, maybe }) {
    const timeout = maybe['sysctl:net.ipv4.tcp_fin_timeout'];
    if (timeout.kind === 'absent') return refused('no-key');
    if (timeout.kind !== 'read') return undecided(timeout);
    const orphaned = orphanedIn(sockets);
    const facts = {
      value: setting(timeout.value, 'sysctl:net.ipv4.tcp_fin_timeout'),
      orphaned: fact(orphaned, 'sockets', 'sockets: FIN_WAIT_2 that no process holds'),
      held: fact(sockets.finWait2.held, 'sockets', 'sockets: FIN_WAIT_2 that a process still holds'),
      timeWait: fact(sockets.states['time-wait'], 'sockets', 'sockets: TIME_WAIT'),
    };
    if (orphaned < FEWEST) return refused(sockets.finWait2.held >= FEWEST ? 'held' : 'not-needed', facts);
    if (timeout.value <= SECONDS) return refused('already', facts);
    const left = Math.ceil((orphaned * SECONDS) / timeout.value);
    const effect = {
      ...facts,
      to: setting(SECONDS, 'kind to slow peers'),
      left: fact(left, 'sockets', 'orphaned * to / value, at the same rate of closes'),
    };
    return set([{ key: 'net.ipv4.tcp_fin_timeout', to: String(SECONDS) }], effect, [
      { number: 'orphaned', wants: 'at-most', value: Math.ceil((orphaned + left) / 2), within: timeout.value },
    ]);
  },

  measure({ now: { sockets } }) {
    return { orphaned: fact(orphanedIn(sockets), 'sockets', 'sockets: FIN_WAIT_2 that no process holds') };
  },
});

function orphanedIn({ finWait2 }: Sockets): number {
  return finWait2.miniSockets + finWait2.orphans;
}
