/** `npm run lab`: the lab from the shell. Exit status: 0 done, 1 it did not work, 2 wrong usage, 130 interrupted. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { breakHost, down, faults, heal, ssh, status, type UpOptions, up } from './commands.ts';
import { LabError } from './lab-error.ts';
import { parseLabName } from './names.ts';
import type { Variant } from './state.ts';
import { allLabs } from './take-down.ts';

const VARIANTS = ['plain', 'busybox', 'bash', 'full'] as const;

const interrupt = new AbortController();
// Commands end what they have begun; what was half up is taken down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

// `status | head`: who reads no further has what they wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const program = new Command('npm run lab --')
  .description('Real hosts on this machine: namespaces with their own sshd, accounts and kernel settings. Needs root.')
  .option('--name <lab>', 'which lab', parseName, 'lab')
  .enablePositionalOptions()
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText(
    'after',
    '\nExit status: 0 done, 1 it did not work, 2 wrong usage, 130 interrupted; that of ssh for ssh.',
  )
  .exitOverride();

program
  .command('up')
  .argument('[hosts]', 'how many', parseCount, 5)
  .option('--variant <host=kind>', `a host of another kind: ${VARIANTS.join(', ')}; repeatable`, addVariant, {})
  .description('bring hosts up; they stay until `down`')
  .action((hosts: number, options: UpOptions) => up(lab(), hosts, options, interrupt.signal));
program
  .command('status')
  .description('what is up, and what is broken')
  .action(() => status(lab()));
program
  .command('ssh')
  .argument('<host>')
  .argument('[command...]')
  .option('-l, --user <user>', 'ops, guest or noshell', 'ops')
  .passThroughOptions()
  .description('log in to a host, or run one command there')
  .action(async (host: string, command: readonly string[], { user }: { user: string }) => {
    process.exitCode = await ssh(lab(), host, command, user);
  });
program.command('faults').description('what can be broken').action(faults);
program
  .command('fault')
  .argument('<id>', 'a diagnosis, or diagnosis/variant: `faults` lists them')
  .argument('<host>')
  .description('break a host; what keeps it broken stops after ten minutes, `heal` puts everything back')
  .action((id: string, host: string) => breakHost(lab(), id, host));
program
  .command('heal')
  .argument('[host]', 'this one and those that hurt it; all without')
  .description('put everything back')
  .action((host?: string) => heal(lab(), host));
program
  .command('down')
  .option('--all', 'every lab of this machine')
  .description('remove every trace of the lab')
  .action(async ({ all }: { all?: boolean }) => down(all ? await allLabs() : [lab()]));

function lab(): string {
  return program.opts<{ name: string }>().name;
}

function parseName(text: string): string {
  try {
    return parseLabName(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof LabError ? error.message : String(error));
  }
}

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number, please.');
  return Number(text);
}

function addVariant(text: string, sofar: Record<string, Variant>): Record<string, Variant> {
  const [host = '', kind = ''] = text.split('=');
  const variant = VARIANTS.find((known) => known === kind);
  if (!variant) throw new InvalidArgumentError(`Write host=kind, with kind one of ${VARIANTS.join(', ')}.`);
  return { ...sofar, [host]: variant };
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof LabError) {
    console.error(error.message);
    process.exitCode = 1;
  } else throw error;
}
if (interrupt.signal.aborted) process.exitCode = 130;
