/** What can be asked in words, in /tcp or after the bot's name: a command is one file here and a row of commands.ts. */
import type { CardPlace } from '#domain/card.ts';
import { complaint, type ProblemDetails } from '#render/slack/problem.ts';
import type { Asked } from '../attend.ts';
import type { Desk } from '../tools.ts';

/** A command as it was asked for. */
export interface Call {
  readonly place: CardPlace;
  /** Opens a form, where what was typed came with one. */
  readonly trigger: string | null;
  readonly asked: Asked;
  readonly desk: Desk;
}

interface OwnCall<Says extends string> extends Call {
  /** Replies with one of the command's own sentences. */
  readonly say: (key: Says, details?: ProblemDetails) => Promise<void>;
}

interface Definition<Wanted extends object, Says extends string> {
  readonly verb: string;
  /** Found anywhere in a sentence. Not what changes something: "do not freeze prod" must not freeze. */
  readonly anywhere: boolean;
  /** Its sentences in templates/slack.*.yaml: commands, verb, says. */
  readonly says: readonly Says[];
  /** Which words of a sentence are for it; without this, those behind the verb. */
  readonly inSentence?: (
    before: readonly string[],
    after: readonly string[],
    isHost: (word: string) => boolean,
  ) => readonly string[];
  /** The words behind the verb, which may be anything. Pure; never throws. */
  readonly read: (words: readonly string[]) => Wanted;
  readonly carryOut: (wanted: Wanted, call: OwnCall<Says>) => Promise<void>;
}

export interface SlackCommand extends Omit<Definition<object, string>, 'read' | 'carryOut'> {
  readonly read: (words: readonly string[]) => Order;
}

/** A command and what was read for it. */
export interface Order {
  readonly verb: string;
  readonly wanted: object;
  readonly carryOut: (call: Call) => Promise<void>;
}

export function defineCommand<Wanted extends object, Says extends string>({
  read,
  carryOut,
  ...command
}: Definition<Wanted, Says>): SlackCommand {
  const { verb } = command;
  return {
    ...command,
    read(words) {
      const wanted = read(words);
      return { verb, wanted, carryOut: (call) => carryOut(wanted, { ...call, say: sayer(verb, call.asked) }) };
    },
  };
}

function sayer(verb: string, { voice, reply }: Asked) {
  return (key: string, details: ProblemDetails = {}) =>
    reply(complaint(voice.slack.commands[verb]?.says[key] ?? '', details));
}
