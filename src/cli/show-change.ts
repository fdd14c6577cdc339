/** What a decision on the terminal is about, before it is asked for, and what became of it. */
import { type Change, isProposal, trialOf } from '#domain/change.ts';
import { planOf, stageSentence } from '#render/kind-card.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { proofNumbers, proofTitle } from '#render/proof-text.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import type { Acting } from './act.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { World } from './world.ts';

/** A change, or what would be one. */
export type Shown = Pick<Change, 'kind' | 'plan' | 'reverts' | 'revertMinutes' | 'requester' | 'reason'>;

type Voice = Pick<Acting, 'words' | 'kindCards'>;

/** What would be done. */
export function showPlan(shown: Shown, voice: Voice, world: World): void {
  const { reverts, revertMinutes: minutes } = shown;
  const promise = reverts === null ? [`  ${fill(voice.words.cli.showsTrial, { minutes })}`] : [];
  writeWrapped([...planLines(shown, voice), ...promise], world);
}

/** What is to be done or was, how it stands, and what came of it. */
export function showChange(change: Change, voice: Voice, world: World): void {
  if (isProposal(change)) showPlan(change, voice, world);
  else writeWrapped([...planLines(change, voice), ...standing(change, voice).map((line) => `  ${line}`)], world);
}

function planLines(shown: Shown, { words: { cli }, kindCards }: Voice): readonly string[] {
  const { plan, requester, reason } = shown;
  const { title, steps, effects } = planOf(shown, kindCards);
  return [
    fill(cli.showsPlan, { host: plan.host, title, who: requester.id, reason }),
    ...steps.map((step) => `  ${step.name}: ${step.text}`),
    ...effects.map((effect) => `  ${effect}`),
  ];
}

function standing(change: Change, { words, kindCards }: Voice): readonly string[] {
  const reverts = trialOf(change)?.reverts;
  const deadline = reverts ? `  ·  ${words.card.until}${minuteOf(reverts)}${words.card.byItself}` : '';
  const proof = change.proofs.at(-1);
  return [
    `${stageSentence(change, kindCards, words)}${deadline}`,
    ...(proof === undefined
      ? []
      : [
          proofTitle(change, proof, words),
          ...proofNumbers(change, proof, kindCards, words).map((line) => `  ${line}`),
        ]),
  ];
}

/** `2026-11-30 21:40 UTC`. */
export function minuteOf(at: Date): string {
  return at.toISOString().replace(/T(.*):[^:]*$/, ' $1 UTC');
}

/** What is signed is what is shown. */
export function showText(text: string, world: World): void {
  write(
    text
      .trimEnd()
      .split('\n')
      .map((line) => neutralise(`  | ${line.replaceAll('\t', ' ')}`)),
    world,
  );
}

/** What was decided, and where the change stands; with `json` the change instead. */
export function told(
  sentence: string,
  change: Change,
  { words, kindCards }: Voice,
  json: boolean | undefined,
  { stdout }: World,
): Status {
  const { host, id } = change;
  const lines = [fill(sentence, { host, id }), stageSentence(change, kindCards, words)];
  const said = json ? [neutralJson({ schema: 'tcp-oncall.change/1', change })] : lines.map(neutralise);
  stdout.write(`${said.join('\n')}\n`);
  return STATUS.nothing;
}

function writeWrapped(lines: readonly string[], world: World): void {
  const { width } = screenOf(world.stderr, world.env);
  write(
    lines.map((line) => wrapLines(neutralise(line), width)),
    world,
  );
}

function write(lines: readonly string[], { stderr }: World): void {
  for (const line of lines) stderr.write(`${line}\n`);
}
