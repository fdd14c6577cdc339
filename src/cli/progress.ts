/** One line on stderr that says what a check is doing, rewritten in place; nothing at all when stderr is not a terminal. */
import type { CheckProgress } from '#app/check-host.ts';
import { fill, type Words } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { CLEAR_LINE, screenOf } from './screen.ts';
import type { World } from './world.ts';

export interface ProgressLine extends Disposable {
  readonly show: (progress: CheckProgress | { readonly kind: 'connecting' }) => void;
  /** A line that stays, above the progress. */
  readonly say: (line: string) => void;
  readonly clear: () => void;
}

export function progressLine(host: string, { progress: lines }: Words, { stderr, env }: World): ProgressLine {
  const { tty, width } = screenOf(stderr, env);
  if (!tty) return { show() {}, say() {}, clear() {}, [Symbol.dispose]() {} };
  let current = '';
  let countdown: NodeJS.Timeout | undefined;
  let ended = false;

  function draw(line: string): void {
    current = line.slice(0, width - 1);
    if (!ended) stderr.write(CLEAR_LINE + current);
  }

  function stop(): void {
    clearInterval(countdown);
    countdown = undefined;
  }

  function show(progress: Parameters<ProgressLine['show']>[0]): void {
    stop();
    if (progress.kind === 'waiting') count(progress.seconds);
    else draw(fill(lines[progress.kind], { host, ...progress }));
  }

  function count(from: number): void {
    let seconds = from;
    const tick = () => draw(fill(lines.waiting, { host, seconds: seconds-- }));
    tick();
    countdown = setInterval(() => (seconds > 0 ? tick() : stop()), 1000);
  }

  function clear(): void {
    stop();
    ended = true;
    stderr.write(CLEAR_LINE);
  }

  return {
    show,
    say: (line) => void stderr.write(`${CLEAR_LINE}${wrapLines(line, width)}\n${current}`),
    clear,
    [Symbol.dispose]: clear,
  };
}
