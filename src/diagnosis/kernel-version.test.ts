import { describe, expect, it } from 'vitest';
import { choosesPortsByParity, kernelAtLeast } from './kernel-version.ts';

describe('kernelAtLeast', () => {
  it.each([
    ['4.18.0-553.el8.x86_64', true],
    ['4.17.19', false],
    ['6.1.0-18-amd64', true],
    ['3.10.0-1160.el7.x86_64', false],
    ['unknown', true],
  ])('%s at least 4.18: %s', (release, expected) => expect(kernelAtLeast(release, 4, 18)).toBe(expected));
});

describe('choosesPortsByParity', () => {
  it.each([
    ['2.6.32-754.el6.x86_64', false],
    ['3.10.0-1160.119.1.el7.x86_64', true],
    ['3.13.0-24-generic', false],
    ['4.2.0', true],
    ['6.18.44', true],
  ])('%s: %s', (release, expected) => expect(choosesPortsByParity(release)).toBe(expected));
});
