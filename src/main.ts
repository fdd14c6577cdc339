#!/usr/bin/env node
/** Runs one command line, and turns its answer into an exit status. */
import { STATUS } from './cli/failure.ts';
import { runCli } from './cli/program.ts';
import { createWorld } from './world.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second time, the default: somebody who presses Ctrl-C twice does not want to wait.
  process.once(signal, () => interrupt.abort());
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `| head` has seen enough.
    if (error.code === 'EPIPE') process.exit(process.exitCode);
    process.stderr.write(`tcp-oncall: The answer cannot be written: ${error.message}.\n`);
    process.exit(STATUS.unchecked);
  });
}

process.exitCode = await runCli(process.argv.slice(2), createWorld(interrupt.signal));
