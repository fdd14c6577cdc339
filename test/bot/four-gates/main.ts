/** The program as src/main.ts runs it, with one kind more. */
import { runCli } from '../../../src/cli/program.ts';
import { createWorld } from '../../../src/world.ts';
import { WITH_FOUR_GATES } from './loader.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());
process.exitCode = await runCli(process.argv.slice(2), createWorld(interrupt.signal, WITH_FOUR_GATES));
