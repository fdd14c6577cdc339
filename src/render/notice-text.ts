/** Why a kernel build was not asked for, or what to bear in mind about it: a code as a sentence, in the words of its kind. */
import type { KernelWanted, Notice } from '#domain/check.ts';
import type { KindCards } from './kind-card.ts';
import { CHANGE_PROBLEMS, type ChangeWords } from './slack/change-words.ts';
import { fill } from './words.ts';

interface NoticeWords {
  readonly change: Pick<ChangeWords, 'problems'>;
  readonly kinds: KindCards;
}

/** A code that has no words, or other details, as of a newer worker, is shown itself. */
export function noticeText(
  { code, details }: Notice,
  { host, builder }: Pick<KernelWanted, 'builder'> & { readonly host: string },
  { change, kinds }: NoticeWords,
  commands: Commands = SLACK,
): string {
  const problem = CHANGE_PROBLEMS.find((each) => each === code);
  const template = kinds.get('kernel')?.words.notices[code] ?? (problem && change.problems[problem]);
  const known = { detail: '', ...NONE, ...commands, ...details, host: details['host'] ?? host, builder };
  return (
    (template === undefined ? undefined : filled(template, known)) ??
    `${code} ${Object.values(details).join(' ')}`.trim()
  );
}

/** Undefined where a record of another version lacks what the sentence names. */
function filled(template: string, facts: Readonly<Record<string, string>>): string | undefined {
  try {
    return fill(template, facts);
  } catch {
    return undefined;
  }
}

const NONE = { id: '', name: '', nearest: '', has: '', needs: '' };

/** What the sentences of problems send people to. */
interface Commands {
  readonly fixes: string;
  readonly status: string;
}

const SLACK: Commands = { fixes: '/tcp fix', status: '/tcp status' };
