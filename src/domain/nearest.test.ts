import { describe, expect, it } from 'vitest';
import { nearestNames } from './nearest.ts';

const HOSTS = ['web-01', 'web-02', 'db-01', 'bastion'];

describe('nearestNames', () => {
  it.each([
    ['wbe-01', ['web-01', 'db-01', 'web-02']],
    ['bastoin', ['bastion']],
    ['WEB', ['web-01', 'web-02']],
    ['bastions', ['bastion']],
    ['web1', ['web-01']],
    ['web_2', ['web-02']],
    ['web-01.example.com', ['web-01']],
    ['mail', []],
    ['x', []],
    ['', []],
  ])('%s: %j', (typed, names) => expect(nearestNames(typed, HOSTS)).toEqual(names));
});
