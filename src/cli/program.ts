/** The command line: parses the words, loads the one command that was asked for, maps what went wrong to an exit status. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseInterval } from '#domain/interval.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { parseRoles, ROLES } from '#serve/roles.ts';
import type { ApproveOptions } from './command-approve.ts';
import type { ExportOptions } from './command-changes.ts';
import type { CheckOptions } from './command-check.ts';
import type { DoctorOptions } from './command-doctor.ts';
import type { HostSetupOptions } from './command-host-setup.ts';
import type { PlanOptions } from './command-plan.ts';
import { complain } from './complain.ts';
import { STATUS, type Status } from './failure.ts';
import type { ServeOptions, World } from './world.ts';

const EPILOGUE = `
Exit status: 0 nothing found, 1 findings (crit or warn; of doctor: something to
mend), 2 wrong usage or configuration, 3 the host could not be checked, or the
bot ended by itself, 130 interrupted.

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

const SERVE_HELP = `
Secrets come from the environment, or from the files it names with _FILE:
SLACK_BOT_TOKEN, SLACK_APP_TOKEN (Socket Mode), SLACK_SIGNING_SECRET (HTTP),
REDIS_URL. Without REDIS_URL it starts a redis-server of its own.
SIGTERM lets checks that run finish; SIGHUP reads the inventory again.`;

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
  addServe(program, world, end);
  addDoctor(program, world, end);
  addPlan(program, world, end);
  addHostSetup(program, world, end);
  addChanges(program, world, end);
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

function addServe(program: Command, world: World, end: End): void {
  common(program.command('serve'))
    .description('run the Slack bot (docs/slack.md): the surface, the workers, or both')
    .option('--roles <list>', 'slack, worker and web, as a list with commas', roles, ROLES.join(','))
    .option('--listen <address:port>', 'where to answer over HTTP (default: configuration, then 127.0.0.1:3000)')
    .addHelpText('after', SERVE_HELP)
    .action(async (options: Common & ServeOptions) => {
      const [{ serveUntilEnd }, { loadSettings }] = await Promise.all([
        import('./command-serve.ts'),
        import('./settings.ts'),
      ]);
      end(await serveUntilEnd(options, await loadSettings(options, world), world));
    });
}

function addDoctor(program: Command, world: World, end: End): void {
  common(program.command('doctor'))
    .description('check what the bot needs: tokens, scopes, Redis, workers, and the login to every host')
    .option('--json', 'one JSON document')
    .action(async (options: Common & DoctorOptions) => {
      const [{ doctor }, { loadSettings }] = await Promise.all([
        import('./command-doctor.ts'),
        import('./settings.ts'),
      ]);
      end(await doctor(options, await loadSettings(options, world), world));
    });
}

function addPlan(program: Command, world: World, end: End): void {
  common(program.command('plan'))
    .argument('<host>', 'a name from the inventory')
    .argument('[fix]', 'one fix; without it, all of them')
    .description('check a host and show what fixes would write, and why others are not offered; writes nothing')
    .option('--interval <time>', 'time between the two samples, 1s to 60s', interval, 5)
    .option('--json', 'one JSON document')
    .action(async (host: string, fix: string | undefined, options: Common & PlanOptions) => {
      const [{ plan }, { loadSettings }] = await Promise.all([import('./command-plan.ts'), import('./settings.ts')]);
      end(await plan(host, fix, options, await loadSettings(options, world), world));
    });
}

function addHostSetup(program: Command, world: World, end: End): void {
  common(program.command('host-setup'))
    .argument('[host]', 'a name from the inventory')
    .description('print the script that makes a host ready for changes; an administrator reads it and runs it as root')
    .option('--key <file>', 'also let this public key log in to the account')
    .option('--remove', 'the script that takes everything away again')
    .option('--apply', 'run it now, over the login that --as names')
    .option('--as <account>', 'an account that may run anything as root')
    .option('--helper', 'only the helper itself, the same for every host (for the role in ansible/)')
    .action(async (host: string | undefined, options: Common & HostSetupOptions) => {
      const [{ hostSetup }, { loadSettings }] = await Promise.all([
        import('./command-host-setup.ts'),
        import('./settings.ts'),
      ]);
      end(await hostSetup(host, options, await loadSettings(options, world), world));
    });
}

function addChanges(program: Command, world: World, end: End): void {
  const settings = async (options: Common) => (await import('./settings.ts')).loadSettings(options, world);
  common(program.command('policy').description('who may change what').command('test'))
    .argument('[host]', 'one host; without it, all of them')
    .description('show who could ask for and approve what, on which host, and by which rule')
    .action(async (host: string | undefined, options: Common) => {
      const { testPolicy } = await import('./command-policy.ts');
      end(await testPolicy(host, await settings(options), world));
    });
  common(program.command('changes'))
    .argument('[host]', 'one host; without it, all of them')
    .description('list the changes that the bot knows, newest first')
    .option('--json', 'one JSON document')
    .action(async (host: string | undefined, options: Common & { json?: boolean }) => {
      const { listChanges } = await import('./command-changes.ts');
      end(await listChanges(host, options, await settings(options), world));
    });
  const audit = program.command('audit').description('the record of every change');
  common(audit.command('verify'))
    .description('walk the chain of records; status 1 when one was changed, left out or moved')
    .action(async (options: Common) => {
      const { verifyAudit } = await import('./command-changes.ts');
      end(await verifyAudit(await settings(options), world));
    });
  common(audit.command('export'))
    .description('write the records to stdout')
    .option('--since <time>', 'a length of time such as 24h, or a time such as 2026-11-27T00:00:00Z')
    .addOption(new Option('--format <format>', 'one record a line').choices(['jsonl', 'csv']).default('jsonl'))
    .action(async (options: Common & ExportOptions) => {
      const { exportAudit } = await import('./command-changes.ts');
      end(await exportAudit(options, await settings(options), world));
    });
  common(program.command('approve'))
    .argument('<change>', 'the id on its card')
    .description('approve a change outside Slack, with a key of your own')
    .requiredOption('--user <id>', 'your Slack user id, which the policy and your key go by')
    .option('--key <file>', 'your private key (default: ~/.config/tcp-oncall/approver.pem)')
    .option('--yes', 'without asking')
    .action(async (change: string, options: Common & ApproveOptions) => {
      const { approve } = await import('./command-approve.ts');
      end(await approve(change, options, await settings(options), world));
    });
  common(program.command('approver-key'))
    .description('make a key to approve changes with outside Slack; prints its public half')
    .option('--key <file>', 'where to put the private key (default: ~/.config/tcp-oncall/approver.pem)')
    .action(async (options: Common & { key?: string }) => {
      const { makeKey } = await import('./command-approve.ts');
      end(await makeKey(options, await settings(options), world));
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

function roles(text: string): string {
  if (parseRoles(text) === undefined)
    throw new InvalidArgumentError(`They are ${ROLES.join(', ')}, as in --roles slack,web.`);
  return text;
}

function interval(text: string): number {
  const seconds = parseInterval(text);
  if (seconds === undefined) throw new InvalidArgumentError('It is a time from 1s to 60s, such as 5s.');
  return seconds;
}
