import { defineConfig } from 'vitest/config';

/** Run by stage.sh, after it has built the images. Nothing is taken down: it ends with the run's namespaces. */
export default defineConfig({
  test: {
    include: ['test/containers/*.test.ts'],
    // Mostly they wait for docker-compose.
    maxWorkers: 2,
    bail: 1,
    reporters: ['verbose'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 200 } },
  },
});
