/** How a command is defined: its texts come from templates/cli.<language>.yaml, its work is loaded when it is asked for. */
import { type Command, type CommandOptions, InvalidArgumentError, Option } from 'commander';
import { LANGUAGES, type Language } from '#domain/language.ts';
import type { UsageProblem } from '#render/cli-words.ts';
import type { Status } from './failure.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

export interface Cli {
  readonly world: World;
  readonly end: (status: Status) => void;
  /** A text by its name in the words: without words while a command is carried out: only help needs them. */
  readonly say: (text: string) => string;
}

export interface Common {
  readonly lang?: Language;
  readonly config?: string;
}

/** A command line as it was typed. */
export interface Call<Options = unknown> {
  /** What stands for the arguments, in their order. */
  readonly given: readonly (string | undefined)[];
  readonly options: Options;
  readonly session: Session;
}

/** Options may stand before the command too. The session is opened while the command is loaded. */
export function does<Options extends object>(
  command: Command,
  { world, end }: Cli,
  load: () => Promise<(call: Call<Options>) => Promise<Status>>,
): void {
  command.action(async (...all: unknown[]) => {
    const self = all.at(-1) as Command;
    const options = self.optsWithGlobals<Options & Common>();
    const [work, { openSession }] = await Promise.all([load(), import('./session.ts')]);
    end(await work({ given: self.processedArgs, options, session: await openSession(options, world) }));
  });
}

export function common(command: Command, { say }: Cli): Command {
  return command
    .helpOption('-h, --help', say('help'))
    .addOption(new Option('--lang <language>', say('lang')).choices(LANGUAGES))
    .option('--config <file>', say('config'));
}

/** A command of the program or of a group; what it is for is said under its name, `group-name` within a group. */
export function subcommand(parent: Command, name: string, cli: Cli, options: CommandOptions = {}): Command {
  const text = parent.parent === null ? name : `${parent.name()}-${name}`;
  return common(parent.command(name, options), cli).description(cli.say(text));
}

/** A command that only has others. */
export function group(program: Command, name: string, cli: Cli): Command {
  return common(program.command(name), cli)
    .description(cli.say(name))
    .helpCommand('help [command]', cli.say('help-command'));
}

export function showing(command: Command, cli: Cli): Command {
  return command.option('--json', cli.say('json')).option('--all', cli.say('all'));
}

/** It shows what it is about, and asks. */
export function asking(command: Command, cli: Cli): Command {
  return acting(command, cli).option('--yes', cli.say('yes')).option('--json', cli.say('json'));
}

/** Somebody decides something, and it has to be known who. */
export function acting(command: Command, cli: Cli): Command {
  return command.option('--user <user>', cli.say('who-user')).option('--key <file>', cli.say('who-key'));
}

/** A value that cannot be used; usage-message.ts puts it into a sentence. */
export function refuseValue(problem: UsageProblem): never {
  throw new InvalidArgumentError(problem);
}
