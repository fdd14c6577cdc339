/** What the command line says of itself: help, and what was wrong with the words typed. templates/cli.<language>.yaml. */
import { parse } from 'yaml';
import { z } from 'zod';

/** Each has one text: of a command, of one of its arguments or options, or what is said below its help. */
const HELP = [
  'program',
  'program-more',
  'lang',
  'config',
  'json',
  'all',
  'help',
  'help-command',
  'version',
  'host',
  'host-or-all',
  'check',
  'check-time',
  'check-more',
  'interval',
  'raw',
  'explain',
  'explain-id',
  'markdown',
  'hosts',
  'hosts-list',
  'hosts-test',
  'hosts-trust',
  'trust-yes',
  'replay',
  'replay-dir',
  'serve',
  'serve-more',
  'roles',
  'listen',
  'doctor',
  'plan',
  'plan-fix',
  'host-setup',
  'setup-key',
  'setup-remove',
  'setup-apply',
  'setup-as',
  'setup-approver-keys',
  'setup-break-glass',
  'setup-script',
  'policy',
  'policy-test',
  'changes',
  'audit',
  'audit-verify',
  'audit-posted',
  'audit-export',
  'since',
  'format',
  'propose',
  'propose-fix',
  'propose-minutes',
  'propose-reason',
  'propose-alone',
  'approve',
  'deny',
  'deny-reason',
  'withdraw',
  'keep',
  'revert',
  'revert-reason',
  'extend',
  'change-id',
  'yes',
  'who-user',
  'who-key',
  'freeze',
  'freeze-group',
  'freeze-off',
  'unlock',
  'approver-key',
  'approver-key-file',
  'completion',
  'completion-shell',
] as const;

export type HelpText = (typeof HELP)[number];

/** What keeps a command line from being carried out; over command, word, nearest, needs, given, choices. */
const ERRORS = [
  'unknown-command',
  'unknown-option',
  'no-host',
  'no-host-all',
  'missing-argument',
  'several-hosts',
  'too-many-arguments',
  'option-without-value',
  'missing-option',
  'not-a-choice',
  'bad-interval',
  'bad-roles',
  'bad-minutes',
  'unknown-diagnosis',
  'bad-since',
] as const;

export type UsageProblem = (typeof ERRORS)[number];

const sentence = z.string().min(1);

function each<Key extends string>(keys: readonly Key[]) {
  return z.strictObject(Object.fromEntries(keys.map((key) => [key, sentence])) as Record<Key, typeof sentence>);
}

const schema = z.strictObject({
  titles: z.strictObject({ usage: sentence, arguments: sentence, options: sentence, commands: sentence }),
  /** In a usage line: `[options]`, `[command]`. */
  placeholders: z.strictObject({ options: sentence, command: sentence }),
  /** Behind an option's text. */
  extra: z.strictObject({ choices: sentence, default: sentence, around: sentence }),
  help: each(HELP),
  errors: each(ERRORS),
});

export type CliWords = z.infer<typeof schema>;

/** Throws an Error naming the file and what is wrong with it. */
export function parseCliWords(text: string, path: string): CliWords {
  const parsed = schema.safeParse(parse(text));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
