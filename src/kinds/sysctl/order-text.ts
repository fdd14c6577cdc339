/** The lines by which a sysctl change is bound; the helper on the host reads its order from the same lines. */
import type { Step } from '#domain/plan.ts';

export interface SysctlOrder {
  /** Null = whichever the host has. */
  readonly netns: string | null;
  readonly fix: string;
  readonly steps: readonly Pick<Step, 'key' | 'scope' | 'from' | 'to'>[];
}

export function sysctlLines({ netns, fix, steps }: SysctlOrder): readonly (readonly string[])[] {
  const word = (value: string) => (value === '' ? '-' : value);
  return [
    ['netns', netns ?? '-'],
    ['fix', fix],
    ...steps.map(({ key, scope, from, to }) => ['step', key, scope, word(from), word(to)]),
  ];
}
