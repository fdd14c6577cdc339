/** Trials that are prolonged, kept or not, and what was kept reverted: beside others who set the same values. */

import { describe, expect, it } from 'vitest';
import { PORT_RANGE, RESERVED_PORTS } from '#domain/allowed-sysctls.ts';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { CONF } from '#lab/helper-on-host.ts';
import type { OrderStep } from '#lab/helper-order.ts';
import { newId, SOON, SYN, TIMER, useHelperBox } from './helper-box.ts';

const box = useHelperBox();

describe('a trial that is prolonged', () => {
  it('by one order is prolonged once, however often the order arrives, and by the next one again', async () => {
    const id = newId();
    await box.apply(id, [SYN], 60);
    const [first, twice] = [await box.helper(`extend ${id} 600 a1`), await box.helper(`extend ${id} 600 a1`)];
    expect(Number(first.detail)).toBeGreaterThan(640);
    expect(Number(twice.detail)).toBeLessThanOrEqual(660);
    expect((await box.helper(`extend ${id} 600 b2`)).extended).toEqual(['a1', 'b2']);
    const again = await box.helper(`extend ${id} 600 a1`);
    expect(Number(again.detail)).toBeLessThanOrEqual(1260);
    expect((await box.helper(`status ${id}`)).extended).toEqual(['a1', 'b2']);
    expect(await box.helper(`extend ${id} 600 ../x`)).toMatchObject({
      status: 1,
      refused: expect.arrayContaining(['bad-token']),
    });
  });
});

it('a trial whose timer the helper of an earlier protocol started is over at its time', async () => {
  const id = newId();
  await box.apply(id, [SYN]);
  await box.run(`pkill -f '${TIMER} ${id}'; setsid ${HELPER_PATH} 1 ${TIMER} ${id} </dev/null >/dev/null 2>&1 &`);
  await box.hurry(id);
  await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
  expect(await box.live(SYN.key)).toBe('6');
});

describe('a value that somebody else has set', () => {
  it('is not kept: it is named, and the trial goes on', async () => {
    const id = newId();
    await box.apply(id, [SYN]);
    await box.write(SYN.key, '6');
    const refused = await box.keep(id);
    expect(refused).toMatchObject({ status: 1, refused: ['foreign', SYN.key, '6'], state: 'on-trial' });
    expect(await box.file()).toEqual([]);
    await box.write(SYN.key, '5');
    expect(await box.keep(id)).toMatchObject({ status: 0, state: 'kept', foreign: new Map() });
    await box.write(SYN.key, '6');
    for (const answer of [await box.keep(id), await box.helper(`status ${id}`)])
      expect(answer).toMatchObject({ state: 'kept', foreign: new Map([[SYN.key, '6']]) });
  });

  it('in our file is left alone, and named', async () => {
    const id = newId();
    await box.apply(id, [SYN]);
    await box.keep(id);
    await box.run(`echo '${SYN.key} = 2' >${CONF}`);
    expect(await box.helper(`revert ${id}`)).toMatchObject({
      state: 'reverted',
      foreignLines: new Map([[SYN.key, '2']]),
    });
    expect(await box.synNow()).toEqual({ live: '6', file: [`${SYN.key} = 2`] });
  });
});

describe('ports that a newer change reserved', () => {
  const widen = (from: string, to: string): OrderStep => ({ key: PORT_RANGE, from, to });
  const reserve = (from: string, to: string): OrderStep => ({ key: RESERVED_PORTS, from, to });
  const [NARROW, WIDER, WIDEST, ALL_OF_NARROW] = ['50000 60999', '32768 60999', '10240 65535', '50000-60999'];
  const SOME_OF_NARROW = '50000-54999';
  const range = () => box.live(PORT_RANGE);

  async function ports(open: string, reserved: string): Promise<void> {
    await box.write(RESERVED_PORTS, reserved);
    await box.write(PORT_RANGE, open);
  }
  async function keep(step: OrderStep): Promise<string> {
    const id = newId();
    await box.apply(id, [step]);
    expect(await box.keep(id)).toMatchObject({ state: 'kept' });
    return id;
  }
  const needed = (by: string) => ({
    status: 1,
    state: 'kept',
    refused: ['needed', by, RESERVED_PORTS, 'leaves-ports', '5500', '0'],
  });
  const reverts = { status: 0, state: 'reverted' };
  const revert = (id: string) => box.helper(`revert ${id}`);

  it('have to go before the range that has room for them', async () => {
    await ports(NARROW, '');
    const wider = await keep(widen(NARROW, WIDER));
    const reserved = await keep(reserve('', ALL_OF_NARROW));
    expect(await revert(wider)).toMatchObject(needed(reserved));
    expect([await range(), (await box.file()).length]).toEqual([WIDER, 2]);
    expect(await revert(reserved)).toMatchObject(reverts);
    expect(await revert(wider)).toMatchObject(reverts);
    expect([await range(), await box.file()]).toEqual([NARROW, []]);
  });

  it('also while they are on trial, whose end is not delayed', async () => {
    await ports(NARROW, '');
    const wider = await keep(widen(NARROW, WIDER));
    const trial = newId();
    await box.apply(trial, [reserve('', ALL_OF_NARROW)]);
    expect(await revert(wider)).toMatchObject(needed(trial));
    await box.hurry(trial);
    expect(await revert(wider)).toMatchObject(reverts);
    expect([await range(), await box.live(RESERVED_PORTS)]).toEqual([NARROW, '']);
  });

  it('also below a newer range on trial, which goes back to what has room for them', async () => {
    await ports(NARROW, '');
    const wider = await keep(widen(NARROW, WIDER));
    const reserved = await keep(reserve('', ALL_OF_NARROW));
    const trial = newId();
    await box.apply(trial, [widen(WIDER, WIDEST)]);
    expect(await revert(wider)).toMatchObject(needed(reserved));
    await box.hurry(trial);
    expect(await box.helper(`status ${trial}`)).toMatchObject({ state: 'reverted', detail: 'timer' });
    expect(await range()).toBe(WIDER);
  });

  it('also below a newer range that is kept, which goes first', async () => {
    await ports(NARROW, '');
    const wider = await keep(widen(NARROW, WIDER));
    const reserved = await keep(reserve('', ALL_OF_NARROW));
    const widest = await keep(widen(WIDER, WIDEST));
    expect(await revert(wider)).toMatchObject(needed(reserved));
    expect(await revert(widest)).toMatchObject(reverts);
    expect(await revert(wider)).toMatchObject(needed(reserved));
    expect(await range()).toBe(WIDER);
  });

  it('also where somebody has taken ports off the list that the newest found', async () => {
    await ports(NARROW, '8080');
    const wider = await keep(widen(NARROW, WIDER));
    await keep(reserve('8080', `8080,${SOME_OF_NARROW}`));
    await box.write(RESERVED_PORTS, SOME_OF_NARROW);
    const reserved = await keep(reserve(SOME_OF_NARROW, ALL_OF_NARROW));
    expect(await revert(wider)).toMatchObject(needed(reserved));
    expect(await range()).toBe(WIDER);
  });

  it('are in the way of nothing where they take no port, or were there before', async () => {
    await ports(NARROW, '50000-60000');
    const wider = await keep(widen(NARROW, WIDER));
    const others = await keep(reserve('50000-60000', '8080,50000-60000'));
    expect(await revert(wider)).toMatchObject(reverts);
    expect(await range()).toBe(NARROW);
    expect(await revert(others)).toMatchObject(reverts);
  });
});
