import { expect, it } from 'vitest';
import { narrowPlan } from './narrow.ts';
import { planShape as plan } from './plan.ts';

const step = (key: string) => ({ key, from: '0', to: '1', scope: 'netns', files: [] });
const OLD = {
  fix: 'widen-local-port-range',
  host: 'web-01',
  netns: null,
  kernel: '6.1.0',
  risk: 'medium',
  steps: [step('net.ipv4.ip_local_reserved_ports'), step('net.ipv4.ip_local_port_range')],
  facts: {},
  goals: [],
  before: {},
};

it('a plan from before steps said what they need is taken whole or not at all', () => {
  const read = plan.parse(OLD);
  expect(read.steps.map(({ needs }) => needs)).toEqual([
    ['net.ipv4.ip_local_port_range'],
    ['net.ipv4.ip_local_reserved_ports'],
  ]);
  for (const { key } of read.steps) expect(narrowPlan(read, [key])).toBeUndefined();
  expect(
    narrowPlan(
      read,
      read.steps.map(({ key }) => key),
    ),
  ).toEqual(read);
});

it('a step says itself what it needs', () => {
  const [reserve, widen] = OLD.steps.map((each) => ({ ...each, needs: [] }));
  expect(plan.parse({ ...OLD, steps: [reserve, widen] }).steps).toEqual([reserve, widen]);
});

it('a plan has no more steps than a form can offer', () => {
  const many = Array.from({ length: 51 }, (_, index) => step(`key${index}`));
  expect(plan.safeParse({ ...OLD, steps: many }).success).toBe(false);
});
