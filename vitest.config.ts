import { defineConfig } from 'vitest/config';

/** What fills the machine with hosts, and shares it with no more than one other. */
const CROWDED = ['test/lab/{faults,fixes}.test.ts', 'test/e2e/{bot,change,slack}-crowd.test.ts'];

/** `unit` is pure and fast; `lab` brings up real hosts (root needed), `crowd` many of them at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Pure functions share nothing, so files may share a thread: a process for each costs more than the tests.
          pool: 'threads',
          isolate: false,
          maxWorkers: '100%',
          // A property test takes a second, or ten on a machine that is busy.
          testTimeout: 30_000,
          include: ['src/**/*.test.ts', 'runbooks/**/*.test.ts', 'test/{contract,slack}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/{lab,e2e}/**/*.test.ts'],
          exclude: CROWDED,
          // Mostly they wait for hosts to be looked at twice.
          maxWorkers: 3,
          // A file closes what it opens, and is done before the next begins in its process.
          isolate: false,
          globalSetup: 'test/built.ts',
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'crowd',
          include: CROWDED,
          maxWorkers: 2,
          isolate: false,
          globalSetup: 'test/built.ts',
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
