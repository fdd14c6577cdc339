/** The command line: parses the words, runs the one command that was asked for, maps what went wrong to an exit status. */
import { Command, CommanderError } from 'commander';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { BrokenTextError } from '#render/broken-text.ts';
import type { CliWords } from '#render/cli-words.ts';
import { complain, sayError } from './complain.ts';
import { type Cli, common } from './define.ts';
import { defineBot } from './define-bot.ts';
import { defineChanges } from './define-changes.ts';
import { defineChecks } from './define-checks.ts';
import { defineCompletion } from './define-completion.ts';
import { defineHosts } from './define-hosts.ts';
import { defineKernel } from './define-kernel.ts';
import { STATUS, type Status } from './failure.ts';
import { saidOption } from './said-option.ts';
import { screenOf } from './screen.ts';
import type { World } from './world.ts';

/** Runs one command line; everything it says is written when the promise settles. */
export async function runCli(argv: readonly string[], world: World): Promise<Status> {
  let status: Status = STATUS.nothing;
  const end = (ended: Status) => {
    status = ended;
  };
  const program = define({ world, end, say: () => '' });
  try {
    if (argv[0] === '__complete') return await complete(argv.slice(1), program, world);
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    const complainOf = (what: unknown) => complain(what, argv.includes('--json'), world);
    if (error instanceof CommanderError) return explainUsage(error, argv, program, world).catch(complainOf);
    // Ctrl-C before the command's own work began.
    return error instanceof Error && error.name === 'AbortError' ? STATUS.interrupted : complainOf(error);
  }
}

/** Says nothing by itself: help and errors are written once the language is known. */
export function define(cli: Cli): Command {
  const { say, world } = cli;
  const program = common(new Command('tcp-oncall'), cli)
    .description(say('program'))
    .version(world.version, '-V, --version', say('version'))
    .helpCommand('help [command]', say('help-command'))
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .addHelpText('after', `\n${say('program-more')}`);
  for (const part of [defineChecks, defineHosts, defineBot, defineChanges, defineKernel, defineCompletion])
    part(program, cli);
  return program;
}

async function complete(words: readonly string[], program: Command, world: World): Promise<Status> {
  const { completeWords } = await import('./command-complete.ts');
  return completeWords(words, program, world);
}

/** Help and the version are asked for; all else is wrong usage. */
async function explainUsage(
  error: CommanderError,
  argv: readonly string[],
  program: Command,
  world: World,
): Promise<Status> {
  if (error.code === 'commander.version') world.stdout.write(`${world.version}\n`);
  else {
    const words = await cliWords(argv, program, world);
    const { unknownHelp, usageMessage } = await import('./usage-message.ts');
    const unknown = error.exitCode === 0 ? undefined : unknownHelp(argv, program, words);
    if (unknown !== undefined) sayError({ error: 'usage', message: unknown, next: '' }, argv.includes('--json'), world);
    else if (error.code.startsWith('commander.help')) await showHelp(argv, words, error.exitCode === 0, world);
    else {
      const message = usageMessage(error, argv, program, words);
      sayError({ error: 'usage', message, next: '' }, argv.includes('--json'), world);
    }
  }
  return error.exitCode === 0 ? STATUS.nothing : STATUS.usage;
}

/** In the language of --lang, the configuration, or the locale; a broken configuration is no reason to give no help. */
async function cliWords(argv: readonly string[], program: Command, world: World): Promise<CliWords> {
  const [{ openSession }, { loadCliWords }, { chooseLanguage }] = await Promise.all([
    import('./session.ts'),
    import('#catalogue.ts'),
    import('./language.ts'),
  ]);
  const { config } = program.opts<{ config?: string }>();
  const lang = askedLanguage(argv);
  const asked = { ...(lang && { lang }), ...(config !== undefined && { config }) };
  const { language, overrides } = await openSession(asked, world).catch(() => ({
    language: chooseLanguage(lang, undefined, world.env),
    overrides: null,
  }));
  return loadCliWords(language, overrides);
}

/** Also when commander gave up before it, or refused another word. */
function askedLanguage(argv: readonly string[]): Language | undefined {
  const said = saidOption('--lang', argv);
  return LANGUAGES.find((language) => language === said);
}

/** Parsed again, with words: no command is carried out, since this one ended in help. */
async function showHelp(argv: readonly string[], words: CliWords, wanted: boolean, world: World): Promise<void> {
  const { helpLayout } = await import('./help-layout.ts');
  const out = wanted ? world.stdout : world.stderr;
  const { width } = screenOf(out, world.env);
  const program = define({ world, end: () => {}, say: (text) => helpText(text, words) });
  for (const command of everyCommand(program))
    command
      .configureHelp({ ...helpLayout(words), helpWidth: width })
      .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => out.write(text) });
  await program.parseAsync([...argv], { from: 'user' }).catch(() => {});
}

function helpText(name: string, { help }: CliWords): string {
  const text = help[name];
  if (text === undefined) throw new BrokenTextError(`templates/cli.*.yaml has no text help: ${name}.`);
  return text.trimEnd();
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}
