/** The journal of the change helper: where there is no room for it, what is forgotten, what is damaged. */
import { describe, expect, it } from 'vitest';
import { HELPER, STATE } from '#lab/helper-on-host.ts';
import { FIN, newId, SOON, SYN, TIMER, useHelperBox } from './helper-box.ts';

const box = useHelperBox();

describe('where there is no room', () => {
  const FILL = `dd if=/dev/zero of=${STATE}/fill bs=4096 2>/dev/null; for n in 1 2 3 4 5 6 7 8; do echo >${STATE}/fill$n; done 2>/dev/null`;
  const small = () => box.run(`mkdir -p ${STATE} && mount -t tmpfs -o size=200k,mode=700 tmpfs ${STATE}`);
  const isFull = async () => expect((await box.run(`echo >${STATE}/one-more`)).status).not.toBe(0);

  it('during a trial: the timer puts the values back, and the state says so', async () => {
    await small();
    const id = newId();
    await box.apply(id, [SYN]);
    await box.run(FILL);
    await isFull();
    await box.hurry(id);
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
    expect(await box.live(SYN.key)).toBe('6');
    await isFull();
    expect(await box.helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'timer' });
    await expect.poll(async () => (await box.run(`pgrep -f '${TIMER} ${id}'`)).status, SOON).toBe(1);
  });

  it('a trial can be reverted, and not be kept or prolonged in silence', async () => {
    await small();
    const id = newId();
    await box.apply(id, [SYN]);
    await box.run(FILL);
    const kept = await box.keep(id);
    expect(kept).toMatchObject({ status: 2, state: 'reverted', failed: expect.arrayContaining(['no-file']) });
    expect(await box.helper(`status ${id}`)).toMatchObject({
      state: 'reverted',
      detail: expect.stringMatching(/^failed: no-file /),
    });
    expect(await box.synNow()).toEqual({ live: '6', file: [] });
  });

  it('where nothing can be written at all, the values go back, and the end is written down once it can be', async () => {
    await small();
    const id = newId();
    await box.apply(id, [SYN]);
    await box.hurry(id);
    await box.run(`mount -o remount,ro ${STATE}`);
    await expect.poll(() => box.live(SYN.key), SOON).toBe('6');
    expect(await box.helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: 'timer' });
    expect(await box.keep(id)).toMatchObject({
      status: 1,
      refused: expect.arrayContaining(['reverted']),
    });
    await box.run(`mount -o remount,rw ${STATE}`);
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
  });
});

describe('what is forgotten', () => {
  /** 220 changes of one key, each after the other, as the helper leaves them. */
  const addChanges = (state: string) =>
    box.run(`cd ${STATE}/changes; mkdir $(seq -f old%g 220); for n in $(seq 220); do
echo ${state} >old$n/state; echo $((n + 1)) >old$n/order; : >old$n/persisting; echo 1796029453 ${state} >old$n/journal
printf '${SYN.key}\t1\t1\n' >old$n/plan; printf '${SYN.key}\t1\t1\n' >old$n/undo; done; cd /`);

  it('never a kept change: not for a thousand questions about what was never begun, nor for later changes', async () => {
    const [kept, id] = [newId(), newId()];
    await box.apply(kept, [SYN]);
    await box.keep(kept);
    await addChanges('reverted');
    await box.run(`for n in $(seq 5); do ${HELPER} status never$n; done; seq 500 >>${STATE}/never`);
    expect(await box.apply(id, [FIN])).toMatchObject({ state: 'on-trial' });
    const { stdout } = await box.run(`ls ${STATE}/changes`);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining([kept, id, 'old220']));
    expect(stdout.split('\n')).not.toContain('old1');
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(200);
    expect(await box.apply('never1', [SYN])).toMatchObject({ state: 'none' });
    expect(await box.helper(`revert ${kept}`)).toMatchObject({ state: 'reverted' });
    expect(await box.live(SYN.key)).toBe('6');
  });

  it('of what was never begun, all but the last thousand', async () => {
    await box.helper('status first');
    await box.run(`seq 5000 >>${STATE}/never`);
    await box.helper('status last');
    const { stdout } = await box.run(`cat ${STATE}/never`);
    expect([stdout.trim().split('\n').length, stdout.includes('last'), stdout.includes('first')]).toEqual([
      1000,
      true,
      false,
    ]);
  });

  it('of kept changes, those that newer ones cover entirely', async () => {
    const [covered, id] = [newId(), newId()];
    await box.apply(covered, [SYN]);
    await box.keep(covered);
    await addChanges('kept');
    expect(await box.apply(id, [FIN])).toMatchObject({ state: 'on-trial' });
    const { stdout } = await box.run(`ls ${STATE}/changes`);
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(200);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['old220', id]));
  });
});

describe('what is damaged', () => {
  const damage = (change: string, how: string) => box.run(`cd ${STATE}/changes/${change}; ${how}; cd /`);
  const BACK = { live: '6', file: [] };

  it.each([
    ['a time that is no number', 'echo soon >due'],
    ['a state that is none', 'echo on-tri >state'],
    ['no state', 'rm state'],
  ])('of a trial (%s): the timer puts the values back', async (_, how) => {
    const id = newId();
    await box.apply(id, [SYN]);
    await damage(id, how);
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
    expect(await box.synNow()).toEqual(BACK);
  });

  it.each([
    ['a time that is no number', 'echo 08 >due', 'timer'],
    ['an empty time', ': >due', 'timer'],
    ['no time', 'rm due', 'timer'],
    ['a time later than any trial', 'echo 9999999999 >due', 'timer'],
    ['no time at which it began', 'rm began', 'timer'],
    ['no boot', ': >boot', 'timer'],
    ['an empty state', ': >state', 'interrupted'],
    ['a state and an order that are none', 'echo x >state; echo x >order', 'interrupted'],
  ])('of a trial (%s): the next call puts the values back', async (_, how, why) => {
    const [kept, id] = [newId(), newId()];
    await box.apply(kept, [{ ...SYN, from: '6', to: '6' }]);
    await box.keep(kept);
    await box.apply(id, [SYN]);
    await damage(id, how);
    expect(await box.helper(`status ${id}`)).toMatchObject({ state: 'reverted', detail: why });
    expect(await box.synNow()).toEqual({ live: '6', file: [`${SYN.key} = 6`] });
  });

  it('of a change that was kept, or undone: its journal says so, and nothing is written', async () => {
    const [undone, kept] = [newId(), newId()];
    await box.apply(undone, [SYN]);
    await box.helper(`revert ${undone}`);
    await box.apply(kept, [SYN]);
    await box.keep(kept);
    for (const id of [undone, kept]) await damage(id, ': >state');
    expect(await box.helper(`status ${undone}`)).toMatchObject({ state: 'reverted', detail: 'person' });
    expect(await box.helper(`status ${kept}`)).toMatchObject({ state: 'kept' });
    expect(await box.synNow()).toEqual({ live: '5', file: [`${SYN.key} = 5`] });
    expect(await box.helper(`revert ${kept}`)).toMatchObject({ status: 0, state: 'reverted' });
    expect(await box.synNow()).toEqual(BACK);
  });

  it.each([
    ['all', ': >undo'],
    ['the line of a key', "sed -i '/tcp_syn_retries/d' undo"],
    ['the end of a line', "sed -i '/tcp_syn_retries/s/.$//' undo"],
  ])('of the old values (%s): it is not said that they are back', async (_, how) => {
    const id = newId();
    await box.apply(id, [SYN, FIN]);
    await damage(id, how);
    expect(await box.helper(`revert ${id}`)).toMatchObject({ status: 3, state: 'undo-failed' });
  });

  it('of the order of a change that was kept: a later trial goes back to it', async () => {
    const [kept, id] = [newId(), newId()];
    await box.apply(kept, [SYN]);
    await box.keep(kept);
    await damage(kept, ': >order');
    await box.apply(id, [{ ...SYN, from: '5', to: '4' }]);
    expect(await box.helper(`revert ${id}`)).toMatchObject({ status: 0, state: 'reverted' });
    expect(await box.synNow()).toEqual({ live: '5', file: [`${SYN.key} = 5`] });
    expect(await box.helper(`revert ${kept}`)).toMatchObject({ status: 0, state: 'reverted' });
    expect(await box.synNow()).toEqual(BACK);
  });

  it('of the boot that a trial began in: its values are taken to be in force', async () => {
    const id = newId();
    await box.apply(id, [SYN]);
    await damage(id, "sed -i 's/^./z/' boot");
    expect(await box.helper(`revert ${id}`)).toMatchObject({ state: 'reverted' });
    expect(await box.synNow()).toEqual(BACK);
  });
});
