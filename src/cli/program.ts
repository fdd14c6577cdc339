/** The command line: parses the words, loads the one command that was asked for, maps what went wrong to an exit status. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LANGUAGES, type Language } from '#domain/language.ts';
import type { CheckOptions } from './command-check.ts';
import { complain } from './complain.ts';
import { STATUS, type Status } from './failure.ts';
import { parseInterval } from './interval.ts';
import type { World } from './world.ts';

const EPILOGUE = `
Exit status: 0 nothing found, 1 findings (crit or warn), 2 wrong usage or
configuration, 3 the host could not be checked, 130 interrupted.

Examples:
  tcp-oncall check web-01                 what is wrong with TCP on web-01, and why
  tcp-oncall check web-01 --json | jq .   the same for a program
  tcp-oncall explain close-wait-leak      the runbook page of one diagnosis
  tcp-oncall hosts trust web-01           compare and add a host key`;

const CHECK_HELP = `
Logs in, reads twice (--interval apart), changes nothing. Progress is shown on
stderr when that is a terminal. With --json there is always exactly one document
on stdout: the report (docs/report.schema.json), or, when the host could not be
checked, {"schema":"tcp-oncall.error/1","error":CODE,"message":...,"next":...}.`;

interface Common {
  readonly lang?: Language;
  readonly config?: string;
}

interface Showing extends Common {
  readonly json?: boolean;
  readonly all?: boolean;
}

/** Runs one command line; everything it says is written when the promise settles. */
export async function runCli(argv: readonly string[], world: World): Promise<Status> {
  let status: Status = STATUS.nothing;
  const program = build(world, (ended) => {
    status = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.nothing : STATUS.usage;
    return complain(error, argv.includes('--json'), world);
  }
}

function build(world: World, end: (status: Status) => void): Command {
  const program = new Command('tcp-oncall')
    .description('Says what is wrong with TCP on a Linux host, why, and what to do about it.')
    .version(world.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => world.stdout.write(text), writeErr: (text) => world.stderr.write(text) })
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText('after', EPILOGUE);
  addCheck(program, world, end);
  addExplain(program, world, end);
  addHosts(program, world, end);
  addReplay(program, world, end);
  return program;
}

type End = (status: Status) => void;

function addCheck(program: Command, world: World, end: End): void {
  showing(program.command('check'))
    .argument('<host>', 'a name from the inventory')
    .description('check one host')
    .option('--interval <time>', 'time between the two samples, 1s to 60s', interval, 5)
    .option('--raw <dir>', 'also save the raw readings, for replay or a bug report')
    .addHelpText('after', CHECK_HELP)
    .action(async (host: string, options: Common & CheckOptions) => {
      const [{ check }, { loadSettings }] = await Promise.all([import('./command-check.ts'), import('./settings.ts')]);
      end(await check(host, options, await loadSettings(options, world), world));
    });
}

function addExplain(program: Command, world: World, end: End): void {
  common(program.command('explain'))
    .argument('[id]', 'a diagnosis; without it, all of them are listed')
    .description('show the runbook page of a diagnosis')
    .option('--markdown', 'as Markdown')
    .action(async (id: string | undefined, options: Common & { markdown?: boolean }) => {
      const [{ explain }, { loadSettings }] = await Promise.all([
        import('./command-explain.ts'),
        import('./settings.ts'),
      ]);
      end(await explain(id, options.markdown ?? false, await loadSettings(options, world), world));
    });
}

function addHosts(program: Command, world: World, end: End): void {
  const hosts = program.command('hosts').description('list the inventory, try a login, trust a host key');
  common(hosts.command('list', { isDefault: true }))
    .description('every host, where it is, and who logs in')
    .action(async (options: Common) => {
      const [{ list }, { loadSettings }] = await Promise.all([import('./command-list.ts'), import('./settings.ts')]);
      end(await list(await loadSettings(options, world), world));
    });
  common(hosts.command('test'))
    .argument('<host>')
    .description('log in and say what the account can see')
    .action(async (host: string, options: Common) => {
      const [{ test }, { loadSettings }] = await Promise.all([import('./command-test.ts'), import('./settings.ts')]);
      end(await test(host, await loadSettings(options, world), world));
    });
  common(hosts.command('trust'))
    .argument('<host>')
    .description('show the fingerprints of a host, and add them to known_hosts on confirmation')
    .option('--yes', 'add them without asking (when you have compared them elsewhere)')
    .action(async (host: string, options: Common & { yes?: boolean }) => {
      const [{ trust }, { loadSettings }] = await Promise.all([import('./command-trust.ts'), import('./settings.ts')]);
      end(await trust(host, options.yes ?? false, await loadSettings(options, world), world));
    });
}

function addReplay(program: Command, world: World, end: End): void {
  showing(program.command('replay'))
    .argument('<dir>', 'readings saved with check --raw, or a case of a runbook')
    .description('judge recorded readings again, without a host')
    .action(async (dir: string, options: Showing) => {
      const [{ replayDirectory }, { loadSettings }] = await Promise.all([
        import('./command-replay.ts'),
        import('./settings.ts'),
      ]);
      end(await replayDirectory(dir, options, await loadSettings(options, world), world));
    });
}

function common(command: Command): Command {
  return command
    .addOption(
      new Option('--lang <language>', 'language of the answer (default: configuration, then locale)').choices(
        LANGUAGES,
      ),
    )
    .option('--config <file>', 'another tcp-oncall.yaml');
}

function showing(command: Command): Command {
  return common(command)
    .option('--json', 'one JSON document')
    .option('--all', 'every number with its source, and every diagnosis ruled out');
}

function interval(text: string): number {
  const seconds = parseInterval(text);
  if (seconds === undefined) throw new InvalidArgumentError('It is a time from 1s to 60s, such as 5s.');
  return seconds;
}
