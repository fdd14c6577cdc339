/** The change helper locks by names where there is no flock. */
import { describe, expect, it } from 'vitest';
import { HELPER_PATH } from '#kinds/sysctl/helper.ts';
import { HELPER, STATE } from '#lab/helper-on-host.ts';
import { newId, SOON, SYN, TIMER, useHelperBox } from './helper-box.ts';

const box = useHelperBox();

describe('without flock', () => {
  const without = () =>
    box.run(`mkdir -p /run/bin; cp -rs /usr/sbin/. /usr/bin/. /run/bin/; rm -f /run/bin/flock
sed -i 's#^PATH=.*#PATH=/run/bin#' ${HELPER_PATH}`);

  it('a lock that a killed helper left is no obstacle, though its number is another process by now, or its parent has not noticed', async () => {
    const script = (await box.run(`cat ${HELPER_PATH}`)).stdout;
    await without();
    const boot = (await box.run('cat /proc/sys/kernel/random/boot_id')).stdout.trim();
    const id = newId();
    await box.apply(id, [SYN]);
    await box.run(`sh -c 'sleep 600 & echo $! >/tmp/zombie; exec sleep 601' &
until [ -s /tmp/zombie ]; do sleep 0.01; done; kill -9 $(cat /tmp/zombie)
until grep -q ') Z ' /proc/$(cat /tmp/zombie)/stat; do sleep 0.01; done`);
    const [zombie = '', started = ''] = (await box.run('cut -d " " -f 1,22 /proc/$(cat /tmp/zombie)/stat')).stdout
      .trim()
      .split(' ');
    await box.run(
      `: >${STATE}/lock.d/${boot}.1.99999999; : >${STATE}/lock.d/other.1.0; : >${STATE}/lock.d/${boot}.${zombie}.${started}; mkdir ${STATE}/lock.d/pid`,
    );
    expect(await box.helper(`revert ${id}`)).toMatchObject({ state: 'reverted', detail: 'person' });
    expect((await box.run(`ls ${STATE}/lock.d`)).stdout).toBe('');
    await box.run(`pkill sleep; cat >${HELPER_PATH} <<'END_OF_HELPER'\n${script}END_OF_HELPER`);
  });

  it('one at a time, and the timer gets its turn', async () => {
    const script = (await box.run(`cat ${HELPER_PATH}`)).stdout;
    await without();
    const boot = (await box.run('cat /proc/sys/kernel/random/boot_id')).stdout.trim();
    const id = newId();
    await box.apply(id, [SYN]);
    await box.run(`sleep 600 & echo $! >/tmp/holder; : >${STATE}/lock.d/${boot}.$!.$(cut -d ' ' -f 22 /proc/$!/stat)`);
    await box.hurry(id);
    await box.run(`${HELPER} status ${id} >/tmp/asked & echo $! >/tmp/asker`);
    for (const waits of ['cat /tmp/asker', `pgrep -f '${TIMER} ${id}'`])
      await expect.poll(async () => (await box.run(`pgrep -x sleep -P $(${waits})`)).status, SOON).toBe(0);
    expect([await box.stateOf(id), (await box.run('cat /tmp/asked')).stdout]).toEqual(['on-trial', '']);
    await box.run('kill -9 $(cat /tmp/holder)');
    await expect.poll(() => box.stateOf(id), SOON).toBe('reverted');
    await expect.poll(async () => (await box.run('cat /tmp/asked')).stdout, SOON).toContain('state reverted timer');
    await box.run(`cat >${HELPER_PATH} <<'END_OF_HELPER'\n${script}END_OF_HELPER`);
  });
});
