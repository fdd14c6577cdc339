/** Orders for the change helper as tests give them: one change of steps, under no policy. */
import { type Bound, boundText } from '#change/bound.ts';
import { orderText } from '#kinds/root-program.ts';
import { sysctlLines } from '#kinds/sysctl/order-text.ts';

export interface OrderStep {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

interface Details extends Partial<Bound> {
  readonly netns?: string | null;
}

/** What is bound, for ten minutes on trial unless `details` say otherwise. */
export function helperText(
  gate: 'apply' | 'keep',
  change: string,
  steps: readonly OrderStep[],
  { netns = null, ...details }: Details = {},
): string {
  const scoped = steps.map((step) => ({ ...step, scope: 'netns' as const }));
  return boundText({
    change,
    kind: 'sysctl',
    gate,
    host: 'web-01',
    hostKey: null,
    risk: 'low',
    revertSeconds: 600,
    requester: 'slack:U0ALICE',
    breakGlass: false,
    expiresAt: null,
    reverts: null,
    artefact: null,
    lines: sysctlLines({ netns, fix: 'a-fix', steps: scoped }),
    ...details,
  });
}

/** The same as an order that nobody has signed. */
export function helperOrder(...words: Parameters<typeof helperText>): string {
  return orderText(helperText(...words), []);
}
