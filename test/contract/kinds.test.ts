import { expect, it } from 'vitest';
import { loadKinds } from '#catalogue.ts';
import type { GateSpec } from '#change/kind.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';

function knownGate({ name, first, trial }: GateSpec) {
  return { name, first, trial };
}

it('the policy knows every kind, and its gates in their order', async () => {
  const kinds = [...(await loadKinds()).values()].map(({ name, gates, wayBack }) => ({
    name,
    gates: [...gates.map(knownGate), ...(wayBack === null ? [] : [knownGate(wayBack)])],
  }));
  expect(kinds).toEqual(KNOWN_KINDS);
});
