import { limiterOf, peak, seenQueues } from '#diagnosis/accept-queue.ts';
import { overflowSeverity } from '#diagnosis/accept-queue-overflow.ts';
import { WALK, walkFacts, walkFrom } from '#diagnosis/accept-walk.ts';
import { type Facts, fact, setting } from '#domain/fact.ts';
import { defineFix, refused, set } from '../fix.ts';
import { rateOf } from '../number.ts';

/** The default since Linux 5.4. */
const USUAL = 4096;
/** What fits the 16 bits of kernels before 4.1 (commit 9f6bbf7cd9a3), and more than a queue should ever hold. */
const HIGHEST = 65_535;

export const fix = defineFix({
  id: 'raise-somaxconn',
  risk: 'low',
  writes: ['net.core.somaxconn'],
  cures: ['accept-queue-overflow-somaxconn'],
  ...WALK,

  plan(given) {
    const walk = walkFrom(given);
    const { somaxconn, queues } = walk;
    const overflowing = queues.filter((queue) => overflowSeverity(queue, walk) !== undefined);
    const queue = overflowing.find((one) => limiterOf(one, somaxconn) === 'somaxconn');
    const shown = queue ?? overflowing[0];
    const facts = walkFacts(shown, walk, given);
    if (queue === undefined) return refused(overflowing.length > 0 ? 'application-limits' : 'not-needed', facts);
    if (somaxconn >= HIGHEST) return refused('at-limit', facts);
    const to = Math.min(HIGHEST, Math.max(USUAL, somaxconn * 2));
    const effect = { ...facts, to: setting(to, `at least ${USUAL}, at least twice somaxconn, at most ${HIGHEST}`) };
    return set([{ key: 'net.core.somaxconn', to: String(to) }], effect, [
      { number: 'cap', wants: 'above', value: somaxconn, within: 300 },
      { number: 'overflows', wants: 'at-most', value: 0, within: 300 },
    ]);
  },

  measure({ now, maybe, maybeChange }, facts) {
    const queue = seenQueues(now.listeners, maybe['accept-queues']).find(
      ({ port }) => port === plainValue(facts['port']),
    );
    return {
      cap: setting(queue?.cap ?? null, 'listeners: Send-Q of this listener, which it gets when it calls listen()'),
      overflows: rateOf(maybeChange['counter:TcpExt.ListenOverflows'], 'counter:TcpExt.ListenOverflows'),
      waiting: fact(queue === undefined ? null : peak(queue), 'connections', 'accept-queues: at the fullest look'),
    };
  },
});

function plainValue(one: Facts[string] | undefined): unknown {
  return one !== undefined && 'value' in one ? one.value : undefined;
}
