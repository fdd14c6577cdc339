/** What is wrong with a command line, as one sentence with the next step, from the error that commander threw. */
import type { Command, CommanderError } from 'commander';
import { nearestNames } from '#domain/nearest.ts';
import type { CliWords, UsageProblem } from '#render/cli-words.ts';
import { neutralise } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import { placeOf } from './complete.ts';

interface Facts {
  readonly command: string;
  readonly word: string;
  readonly nearest: string;
  readonly needs: string;
  readonly given: string;
  readonly choices: string;
}

/** What commander (14) says in English; the parts in quotes are what was typed or what is declared. */
const FORMS: readonly (readonly [code: string, form: RegExp])[] = [
  ['unknownCommand', /unknown command '(?<word>.*)'/s],
  ['unknownOption', /unknown option '(?<word>.*)'/s],
  ['missingArgument', /missing required argument '(?<word>.*)'/],
  ['excessArguments', /Expected (?<needs>\d+) arguments? but got (?<given>\d+)/],
  ['optionMissingArgument', /option '(?<word>.*)' argument missing/],
  ['missingMandatoryOptionValue', /required option '(?<word>.*)' not specified/],
  [
    'invalidArgument',
    /value '(?<given>.*)' is invalid for argument '(?<word>.*)'\. (?:Allowed choices are (?<choices>.*)\.$|(?<problem>bad-[a-z]+)$)/s,
  ],
  [
    'invalidArgument',
    /option '(?<word>.*?)' argument '(?<given>.*)' is invalid\. (?:Allowed choices are (?<choices>.*)\.$|(?<problem>bad-[a-z]+)$)/s,
  ],
];

export function usageMessage(
  error: CommanderError,
  argv: readonly string[],
  program: Command,
  { errors }: CliWords,
): string {
  const code = error.code.replace('commander.', '');
  const found = FORMS.flatMap(([known, form]) => (known === code ? [form.exec(error.message)?.groups] : [])).find(
    Boolean,
  );
  if (found === undefined) return error.message.replace(/^error: /, '');
  const command = placeOf(argv, program).command;
  const { word = '', needs = '', given = '', choices = '', problem } = found;
  const names = code === 'unknownCommand' ? command.commands.map((each) => each.name()) : optionsOf(command);
  const facts: Facts = {
    command: pathOf(command),
    // `-c, --config <file>` is known by its long name.
    word: /--[a-z-]+/.exec(word)?.[0] ?? word,
    nearest: nearestNames(word, names)[0] ?? '',
    needs,
    given,
    choices,
  };
  return fill(errors[problemOf(code, { problem, word, needs }, command, argv)], { ...facts });
}

/** `help nosuch`, of which commander says nothing; undefined when it is something else. */
export function unknownHelp(argv: readonly string[], program: Command, { errors }: CliWords): string | undefined {
  const at = argv.indexOf('help');
  const [parent, word] = [placeOf(argv.slice(0, Math.max(0, at)), program).command, argv[at + 1]];
  if (at < 0 || word === undefined || word.startsWith('-')) return undefined;
  const names = parent.commands.map((each) => each.name());
  if (names.includes(word)) return undefined;
  const facts = { command: pathOf(parent), word: neutralise(word), nearest: nearestNames(word, names)[0] ?? '' };
  return fill(errors['unknown-command'], facts);
}

function problemOf(
  code: string,
  { problem, word, needs }: { readonly problem: string | undefined; readonly word: string; readonly needs: string },
  command: Command,
  argv: readonly string[],
): UsageProblem {
  const takesHost = command.registeredArguments[0]?.name() === 'host';
  switch (code) {
    case 'unknownCommand':
      return 'unknown-command';
    case 'unknownOption':
      return 'unknown-option';
    case 'missingArgument':
      if (word !== 'host') return 'missing-argument';
      return command.name() === 'check' && argv.includes('--all') ? 'no-host-all' : 'no-host';
    case 'excessArguments':
      return takesHost && needs === '1' ? 'several-hosts' : 'too-many-arguments';
    case 'optionMissingArgument':
      return 'option-without-value';
    case 'missingMandatoryOptionValue':
      return 'missing-option';
    default:
      return (problem as UsageProblem | undefined) ?? 'not-a-choice';
  }
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function optionsOf(command: Command): readonly string[] {
  return command.options.flatMap(({ long }) => (long == null ? [] : [long]));
}
