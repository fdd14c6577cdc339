import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What fills the processors by itself; and a browser, which gives up what it loads whenever a lab changes the network. */
const ALONE = ['test/e2e/{bot,change}-crowd.test.ts', 'test/e2e/bot-browser.test.ts'];

/** They take a minute or more, most of it waiting: begun last, they would be waited for. */
const LONGEST = [
  'change-chaos.test.ts',
  'faults.test.ts',
  'changes.test.ts',
  'bot-faults.test.ts',
  'change-chaos-redis.test.ts',
  'change-chaos-all.test.ts',
  'fixes.test.ts',
  'four-gates.test.ts',
  'changes-cli.test.ts',
  'kernel-helper.test.ts',
  'change-chaos-session.test.ts',
  'kernel-attacks.test.ts',
  'change-hostile-host.test.ts',
  'serve.test.ts',
  'reach.test.ts',
  'host-troubles.test.ts',
  'change-state.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(basename(moduleId));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

/** A slow machine is no failure: what waits, waits long. */
const patient = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

/** Pure functions share nothing, so files may share a thread: a process for each costs more than the tests. */
const onThreads = {
  ...patient,
  expect: { poll: { ...patient.expect.poll, interval: 10 } },
  pool: 'threads' as const,
  isolate: false,
  maxWorkers: '100%',
};

/** Tests that bring up real hosts (root needed). */
const withHosts = {
  ...patient,
  // A file closes what it opens, and is done before the next begins in its process.
  isolate: false,
  globalSetup: 'test/built.ts',
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { ...onThreads, name: 'unit', include: ['{src,runbooks}/**/*.test.ts'] } },
      { extends: true, test: { ...onThreads, name: 'contract', include: ['test/{contract,slack}/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          ...withHosts,
          name: 'lab',
          include: ['test/{lab,e2e}/**/*.test.ts'],
          exclude: ALONE,
          // Mostly they wait: for hosts to be looked at twice, and for a trial's minute.
          maxWorkers: 10,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...withHosts, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
      {
        extends: true,
        test: {
          ...withHosts,
          // Emulated, so a minute of the guest's may be five.
          testTimeout: 2_400_000,
          hookTimeout: 2_400_000,
          name: 'kernel',
          include: ['test/guest/**/*.test.ts'],
          // A guest mostly waits: for a minute of TIME_WAIT, and for what a person would do.
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
