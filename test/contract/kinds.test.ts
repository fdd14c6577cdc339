import { expect, it } from 'vitest';
import { loadKinds } from '#catalogue.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';

it('the policy knows every kind, and its gates in their order', async () => {
  const kinds = [...(await loadKinds()).values()].map(({ name, gates, wayBack }) => ({
    name,
    gates: [
      ...gates.map((gate) => ({ name: gate.name, first: gate.first })),
      ...(wayBack === null ? [] : [{ name: wayBack.name, first: wayBack.first }]),
    ],
  }));
  expect(kinds).toEqual(KNOWN_KINDS);
});
