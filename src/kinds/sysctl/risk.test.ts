import { expect, it } from 'vitest';
import type { FixLimits, Step } from '#domain/plan.ts';
import { riskOf } from './risk.ts';

const [RANGE, SOMAXCONN] = ['net.ipv4.ip_local_port_range', 'net.core.somaxconn'];
const CATALOGUE = new Map<string, FixLimits>([
  ['widen-local-port-range', { risk: 'medium', writes: [RANGE] }],
  ['raise-somaxconn', { risk: 'low', writes: [SOMAXCONN] }],
]);
const writing = (key: string): Step => ({ key, from: '0', to: '1', scope: 'netns', files: [], needs: [] });

it('is that of the fix in the catalogue, whatever the plan says', () => {
  const plan = { fix: 'widen-local-port-range', risk: 'low', steps: [writing(RANGE)] } as const;
  expect(riskOf(plan, CATALOGUE)).toBe('medium');
});

it('is none for what the fix does not write, and for a fix that is not there', () => {
  expect(riskOf({ fix: 'raise-somaxconn', steps: [writing(SOMAXCONN), writing(RANGE)] }, CATALOGUE)).toBeUndefined();
  expect(riskOf({ fix: 'gone', steps: [writing(SOMAXCONN)] }, CATALOGUE)).toBeUndefined();
});
