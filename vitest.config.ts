import { defineConfig } from 'vitest/config';

/** `unit` is pure and fast; `lab` brings up real hosts (root needed) and runs one file at a time. */
export default defineConfig({
  ssr: { resolve: { conditions: ['source', 'node', 'module-sync'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Pure functions share nothing, so files may share a thread: a process for each costs more than the tests.
          pool: 'threads',
          isolate: false,
          include: ['src/**/*.test.ts', 'runbooks/**/*.test.ts', 'test/contract/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/{lab,e2e}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
