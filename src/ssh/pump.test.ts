import { describe, expect, it } from 'vitest';
import { pump } from './pump.ts';
import type { OpenFile } from './sftp.ts';

const PIECE = 32 * 1024;
const unwanted = () => Promise.reject(new Error('not wanted'));
const pace = { isOver: () => false, onProgress: () => {} };

/** Files whose reads and writes are answered a while later, in any order. `failsAt`: of the write there. */
function disks(size: number, failsAt = -1) {
  const wrote: number[] = [];
  let [underWay, most] = [0, 0];
  const later = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 2));
  const base = { size, changed: () => new Error('changed') as never, close: async () => {} };
  const source: OpenFile = {
    ...base,
    write: unwanted,
    async read(at, length) {
      most = Math.max(most, ++underWay);
      await later();
      return Buffer.alloc(Math.max(0, Math.min(length, size - at)));
    },
  };
  const target: OpenFile = {
    ...base,
    read: unwanted,
    async write(at) {
      wrote.push(at);
      await later();
      underWay--;
      if (at === failsAt) throw new Error('disk full');
    },
  };
  return { source, target, wrote, most: () => most };
}

describe('pump', () => {
  it('writes every piece once, in order, with a bounded number under way', async () => {
    const { source, target, wrote, most } = disks(500 * PIECE + 1);
    expect(await pump(source, target, { at: 0, size: source.size }, pace)).toBe(source.size);
    expect(wrote).toEqual(Array.from({ length: 501 }, (_, index) => index * PIECE));
    expect(most()).toBeLessThanOrEqual(64);
  });

  it('begins one piece even when the time is over, and goes on from where it is told', async () => {
    const { source, target, wrote } = disks(3 * PIECE);
    const over = { ...pace, isOver: () => true };
    expect(await pump(source, target, { at: 1, size: source.size }, over)).toBe(PIECE + 1);
    expect(wrote).toEqual([1]);
    expect(await pump(source, target, { at: source.size, size: source.size }, over)).toBe(source.size);
  });

  it('writes nothing after a piece that could not be read whole', async () => {
    const { source, target, wrote } = disks(2 * PIECE);
    await expect(pump(source, target, { at: 0, size: 100 * PIECE }, pace)).rejects.toThrow('changed');
    expect(wrote).toEqual([0, PIECE]);
  });

  it('tells of a write that failed', async () => {
    const { source, target } = disks(100 * PIECE, 3 * PIECE);
    await expect(pump(source, target, { at: 0, size: source.size }, pace)).rejects.toThrow('disk full');
  });
});
