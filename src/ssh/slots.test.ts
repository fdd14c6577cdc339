import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots, type Slot } from './slots.ts';

async function isReady({ ready }: Slot): Promise<boolean> {
  return Promise.race([ready.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

describe('slots', () => {
  it('are given in the order they were asked for', async () => {
    const slots = createSlots(1);
    const [first, second, third] = [slots.take(), slots.take(), slots.take()];
    expect([await isReady(first), await isReady(second)]).toEqual([true, false]);
    first.release();
    first.release();
    expect([await isReady(second), await isReady(third)]).toEqual([true, false]);
  });

  it('skip who has left the queue', async () => {
    const slots = createSlots(1);
    const [first, second, third] = [slots.take(), slots.take(), slots.take()];
    second.release();
    first.release();
    expect(await isReady(third)).toBe(true);
  });

  it('become fewer, but never none', async () => {
    const slots = createSlots(3);
    const held = [slots.take(), slots.take()];
    slots.limitTo(0);
    const waiting = slots.take();
    held[0]?.release();
    expect(await isReady(waiting)).toBe(false);
    held[1]?.release();
    expect(await isReady(waiting)).toBe(true);
  });

  it('are never more than the limit, and none is lost', () => {
    const steps = fc.array(fc.oneof(fc.constant('take'), fc.nat(20)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (limit, actions) => {
        const slots = createSlots(limit);
        const all: Slot[] = [];
        for (const action of actions) {
          if (action === 'take') all.push(slots.take());
          else all[Number(action)]?.release();
          expect(slots.inUse()).toBeLessThanOrEqual(limit);
        }
        for (const slot of all) slot.release();
        expect(slots.inUse()).toBe(0);
      }),
    );
  });
});
