/** Plans and the reports they come from, for tests that need no host to make them. */
import { newId } from '#app/new-id.ts';
import type { CheckId } from '#domain/check.ts';
import type { Plan } from '#domain/plan.ts';
import { type ChangeWorld, VALUES } from './change-world.ts';
import { HOST_KEY } from './example-change.ts';

const TO: Readonly<Record<string, string>> = { 'net.ipv4.tcp_tw_reuse': '1', 'net.ipv4.tcp_fin_timeout': '20' };

export function planOf(host: string, keys: 1 | 2): Plan {
  const steps = Object.entries(VALUES)
    .slice(0, keys)
    .map(([key, from]) => ({ key, from, to: TO[key] ?? '', scope: 'netns' as const, files: [], needs: [] }));
  const about = { kernel: '6.1.0', facts: {}, goals: [], before: {}, host, netns: null, steps };
  // The one that writes any key.
  if (keys === 2) return { ...about, fix: 'align-persisted-sysctl', risk: 'medium' };
  return { ...about, fix: 'reuse-time-wait-ports', risk: 'low' };
}

/** Of a fix whose words name one fact. */
export function plainPlan(host: string): Plan {
  const facts = { value: { value: 0, unit: 'setting', from: 'test' } } as const;
  return { ...planOf(host, 1), fix: 'restore-timestamps', facts };
}

let serial = 0;

/** As a check of this moment would leave it. */
export async function saveReport({ reports, now }: Pick<ChangeWorld, 'reports' | 'now'>, plan: Plan): Promise<CheckId> {
  const id = newId(`report ${++serial}`);
  const about = { interval: 1, samples: 2 as const, kernel: '6.1.0', distribution: null, verdicts: [], unreadable: [] };
  await reports.save({
    id,
    report: { ...about, host: plan.host, hostKey: HOST_KEY, startedAt: now(), interruption: null, drift: null },
    actor: { surface: 'slack', id: 'U0ALICE' },
    proposals: [{ kind: 'plan', plan, cures: [] }],
  });
  return id;
}
