/** The demo's story of kernels, played by its people to the end: one is built, booted, measured and kept; the other panics. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KernelScene, setKernelScene } from '../demo/kernel-scene.ts';
import { KERNEL_STORY } from '../demo/kernel-story.ts';
import { playStory, type Step } from '../demo/story.ts';

let scene: KernelScene;
beforeAll(async () => {
  scene = await setKernelScene(0, { guests: () => {}, bot: () => {} });
});
afterAll(async () => scene?.close());

/** Resolves with all that they have read. */
async function play(steps: readonly Step[]): Promise<string> {
  const read: string[] = [];
  const status = await playStory(scene, steps, new Promise(() => {}), (text) => void read.push(text));
  expect(status, read.join('\n')).toBe(0);
  return read.join('\n');
}

it('comes to its end, with what was measured on both kernels in the thread', async () => {
  const read = await play(KERNEL_STORY);
  expect(read).toContain('TIME_WAIT');
});
