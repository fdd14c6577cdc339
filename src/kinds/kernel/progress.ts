/** How long work stands, from the line that observing it kept to a sentence. Pure; a host may have said anything in it. */
import { fact } from '#domain/fact.ts';
import type { Language } from '#domain/language.ts';
import { showScalar } from '#render/fact.ts';
import { fill } from '#render/words.ts';
import type { KernelWords } from './words.ts';

interface ProgressWords {
  readonly kind: Pick<KernelWords, 'progress'>;
  readonly language: Language;
}

/** Compilers are silent for longer on one large file. */
const QUIET_SECONDS = 120;

/** A line that has no words is shown as it is. */
export function progressWords(line: string, { kind: { progress }, language }: ProgressWords): string {
  const [what = '', ...words] = line.split(' ');
  const [first = ''] = words;
  switch (what) {
    case 'build':
      return buildWords(words, { kind: { progress }, language });
    case 'queue':
      return fill(progress.queue, { owner: /^[a-z2-7]{8}$/.test(first) ? first : '' });
    case 'again':
      return progress.again[first] ?? line;
    case 'install':
      return progress.installing[first] ?? progress.installing['other'] ?? line;
    case 'prepare':
    case 'boot':
    case 'reboot':
    case 'verify':
    case 'keep':
    case 'revert':
      return progress[what];
    default:
      return line;
  }
}

/** `STAGE PERCENT|- ETA|- QUIET LAST…` */
function buildWords(words: readonly string[], { kind: { progress }, language }: ProgressWords): string {
  const [stage = '', percent, eta, quiet, ...last] = words;
  const time = (seconds: number) => String(showScalar(fact(seconds, 'seconds', 'runner'), language));
  const [left, silent] = [whole(eta), whole(quiet) ?? 0];
  return fill(progress.build, {
    stage: progress.stages[stage] ?? progress.stages['other'] ?? stage,
    percent: whole(percent)?.toString() ?? '',
    eta: left === null ? '' : time(left),
    quiet: silent < QUIET_SECONDS ? '' : time(silent),
    last: last.join(' '),
  });
}

/** Told once each, though a build that was interrupted may come to a stage again. */
const TOLD: readonly string[] = ['queue', 'again', 'reboot', 'verify'];

export function stageWords(
  line: string,
  words: ProgressWords,
): { readonly key: string; readonly text: string } | undefined {
  const [what = '', stage = ''] = line.split(' ');
  const { stages, now } = words.kind.progress;
  const known = what === 'build' ? stages[stage] : undefined;
  if (known !== undefined) return { key: stage, text: fill(now, { what: known }) };
  return TOLD.includes(what) ? { key: what, text: fill(now, { what: progressWords(line, words) }) } : undefined;
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
