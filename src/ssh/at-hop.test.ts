import { expect, it } from 'vitest';
import { atHop } from './at-hop.ts';

const LOST = { kind: 'connection-lost', why: 'bye' } as const;

it('names the hop that failed', () => {
  expect(atHop('bastion', LOST)).toEqual({ ...LOST, at: 'bastion', why: 'bastion: bye' });
  const unknown = { kind: 'host-key-unknown', hop: 'bastion', fingerprint: 'SHA256:x' } as const;
  expect(atHop('bastion', unknown)).toEqual(unknown);
});

it('of several, the one where it happened', () =>
  expect(atHop('inner', atHop('outer', LOST))).toEqual(atHop('outer', LOST)));
