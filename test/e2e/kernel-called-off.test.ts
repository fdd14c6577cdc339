/** An order to install that is on its way while somebody asks, or calls it off. */
import { expect, it } from 'vitest';
import { newId, useKernelBox } from './kernel-box.ts';

const box = useKernelBox();

it('comes true where the host was only asked, and never where it was called off', async () => {
  const [asked, calledOff] = [await box.build(newId()), await box.build(newId())];
  expect(await box.status(asked.id)).toMatchObject({ state: { name: 'none' } });
  expect(await box.helper(`revert ${calledOff.id}`)).toMatchObject({ state: { name: 'none' } });
  expect(await box.install(calledOff)).toMatchObject({ state: { name: 'none' } });
  expect(await box.install(asked)).toMatchObject({ state: { name: 'installing' } });
  expect(await box.settled(asked.id)).toMatchObject({ state: { name: 'installed' } });
});
