import { describe, expect, it } from 'vitest';
import { loadDiagnosis } from '#catalogue.ts';
import { judgeOne } from '#diagnosis/engine.ts';
import { caseNames, evidenceOf } from '../../test/contract/cases.ts';
import { callsForKernel } from './offer-kernel.ts';

const IDS = [
  'ephemeral-port-exhaustion-per-destination',
  'tw-reuse-ineffective-no-timestamps',
  'time-wait-high-but-harmless',
];
/** TIME_WAIT holds the ports, and connect() may not take them over. */
const LAST_RESORT = new Set([
  'ephemeral-port-exhaustion-per-destination/peers-without-timestamps',
  'tw-reuse-ineffective-no-timestamps/peer-without-timestamps',
  'tw-reuse-ineffective-no-timestamps/counter-moved-by-loopback',
  'tw-reuse-ineffective-no-timestamps/nothing-reused',
  'tw-reuse-ineffective-no-timestamps/second-busiest-destination',
]);

describe.each(IDS)('a kernel is the last resort for %s', (id) => {
  it.each(caseNames(id))('%s', async (name) => {
    const verdict = judgeOne(await loadDiagnosis(id), await evidenceOf(id, name));
    const full = verdict.kind === 'found' ? { ...verdict, id, causedBy: null } : { ...verdict, id };
    expect(callsForKernel({ verdicts: [full] })).toBe(LAST_RESORT.has(`${id}/${name}`));
  });
});
