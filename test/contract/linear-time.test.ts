import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixIds } from '#catalogue.ts';
import { SOURCES } from '#evidence/sources.ts';
import { DIAGNOSES } from './diagnoses.ts';

const MEASURE = fileURLToPath(new URL('../hostile/measure.ts', import.meta.url));
const fixes = await fixIds();

describe('nothing a host says costs more than linear time', () => {
  let faults: Readonly<Record<string, string>>;
  beforeAll(async () => {
    // Collecting garbage on other threads is time of this process too, and comes by chance.
    const argv = ['--single-threaded-gc', '--import', 'tsx', MEASURE];
    faults = JSON.parse((await promisify(execFile)(process.execPath, argv)).stdout) as typeof faults;
  }, 120_000);

  it.each(SOURCES.map(({ name }) => name))('to read %s', (name) => expect(faults[name]).toBeUndefined());
  it('to take its sections apart', () => expect(faults['collector-stream']).toBeUndefined());
  it.each(DIAGNOSES)('to judge %s', (id) => expect(faults[id]).toBeUndefined());
  it.each(fixes)('to plan %s', (id) => expect(faults[id]).toBeUndefined());
  it.each(['words', 'wrap'])('to show: %s', (what) => expect(faults[what]).toBeUndefined());
});
