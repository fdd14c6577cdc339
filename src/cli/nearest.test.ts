import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const IDS = ['close-wait-leak', 'fd-limit-near', 'syn-queue-overflow', 'time-wait-bucket-overflow', 'sysctl-drift'];

describe('nearest', () => {
  it('finds a typing mistake', () => expect(nearest('close-wiat-leak', IDS)).toEqual(['close-wait-leak']));
  it('finds a part of a name', () =>
    expect(nearest('overflow', IDS)).toEqual(['syn-queue-overflow', 'time-wait-bucket-overflow']));
  it('offers nothing for something else altogether', () => expect(nearest('kernel-panic', IDS)).toEqual([]));
});
