import { defineConfig } from 'vitest/config';

/** What fills the machine with hosts, and shares it with no more than one other. */
const CROWDED = ['test/lab/{faults,fixes}.test.ts'];
/** What fills the processors by itself; and a browser, which gives up what it loads whenever a lab changes the network. */
const ALONE = ['test/e2e/{bot,change}-crowd.test.ts', 'test/e2e/bot-browser.test.ts'];

/** Tests that bring up real hosts (root needed). A slow machine is no failure: what waits, waits long. */
const withHosts = {
  // A file closes what it opens, and is done before the next begins in its process.
  isolate: false,
  globalSetup: 'test/built.ts',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
};

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
          ...withHosts,
          name: 'lab',
          include: ['test/{lab,e2e}/**/*.test.ts'],
          exclude: [...CROWDED, ...ALONE],
          // Mostly they wait for hosts to be looked at twice.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...withHosts, name: 'crowd', include: CROWDED, maxWorkers: 2, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: { ...withHosts, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
