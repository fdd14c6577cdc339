/** What a decision on the terminal is about, before it is asked for, and what became of it. */
import type { Change } from '#domain/change.ts';
import { planOf, stageSentence } from '#render/kind-card.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { fill } from '#render/words.ts';
import type { Acting } from './act.ts';
import { STATUS, type Status } from './failure.ts';
import type { World } from './world.ts';

/** A change, or what would be one. */
export type Shown = Pick<Change, 'kind' | 'plan' | 'reverts' | 'revertMinutes' | 'requester' | 'reason'>;

export function showPlan(
  shown: Shown,
  { words: { cli }, kindCards }: Pick<Acting, 'words' | 'kindCards'>,
  world: World,
): void {
  const { plan, reverts, revertMinutes: minutes, requester, reason } = shown;
  const { title, steps, effects } = planOf(shown, kindCards);
  write(
    [
      fill(cli.showsPlan, { host: plan.host, title, who: requester.id, reason }),
      ...steps.map((step) => `  ${step.name}: ${step.text}`),
      ...effects.map((effect) => `  ${effect}`),
      ...(reverts === null ? [`  ${fill(cli.showsTrial, { minutes })}`] : []),
    ],
    world,
  );
}

/** What is signed is what is shown. */
export function showText(text: string, world: World): void {
  write(
    text
      .trimEnd()
      .split('\n')
      .map((line) => `  | ${line.replaceAll('\t', ' ')}`),
    world,
  );
}

/** What was decided, and where the change stands; with `json` the change instead. */
export function told(
  sentence: string,
  change: Change,
  { words, kindCards }: Pick<Acting, 'words' | 'kindCards'>,
  json: boolean | undefined,
  { stdout }: World,
): Status {
  const { host, id } = change;
  const lines = [fill(sentence, { host, id }), stageSentence(change, kindCards, words)];
  const said = json ? [neutralJson({ schema: 'tcp-oncall.change/1', change })] : lines.map(neutralise);
  stdout.write(`${said.join('\n')}\n`);
  return STATUS.nothing;
}

function write(lines: readonly string[], { stderr }: World): void {
  for (const line of lines) stderr.write(`${neutralise(line)}\n`);
}
