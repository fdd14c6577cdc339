/**
 * Judges checks on threads of their own. What a host says is judged in one go, which nothing on the same thread can
 * interrupt: here it has a time limit and a limit of memory, and meanwhile this process renews its locks and changes hosts.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Answer, Examined, Question } from '#app/examine.ts';
import type { CheckFailure } from '#domain/report.ts';
import { installed } from '#installed.ts';

export interface JudgeOptions {
  /** One that takes longer than that has met something that never ends: it usually takes some hundredths of a second. */
  readonly deadlineMs: number;
  readonly megabytes: number;
  /** A second one, so that others need not wait for the deadline of a hostile host. */
  readonly threads: number;
  /** The program of a thread. */
  readonly program: string;
}

const DEFAULTS: JudgeOptions = { deadlineMs: 10_000, megabytes: 128, threads: 2, program: programOf('judge-thread') };

export interface Judges {
  readonly examine: (question: Question) => Promise<Examined>;
  readonly close: () => Promise<void>;
}

/** A thread takes some 20 MB: all but the first are started when those before are busy. */
interface Seat {
  thread: Promise<Worker> | undefined;
}

/** What a thread says: that it is ready, once, and then one answer to each question. */
type Said = 'ready' | ({ readonly kind: 'answer' } & Answer) | { readonly kind: 'thrown'; readonly why: string };

/** The first thread starts at once, so that the first check does not wait for it. One that was ended is replaced at once. */
export function openJudges(options: Partial<JudgeOptions> = {}): Judges {
  const settings = { ...DEFAULTS, ...options };
  const all = new Set<Worker>();
  const free: Seat[] = Array.from({ length: settings.threads }, (_, n) => ({ thread: n === 0 ? start() : undefined }));
  const waiting: ((seat: Seat) => void)[] = [];

  function start(): Promise<Worker> {
    const worker = startThread(settings);
    all.add(worker);
    worker.once('exit', () => all.delete(worker));
    const ready = new Promise<Worker>((resolve, reject) => {
      worker.once('message', () => resolve(worker));
      worker.once('error', reject);
    });
    // It is said to the check that gets this thread.
    ready.catch(() => {});
    return ready;
  }

  function giveBack(seat: Seat): void {
    const next = waiting.shift();
    if (next === undefined) free.unshift(seat);
    else next(seat);
  }

  async function examine(question: Question): Promise<Examined> {
    const seat = free.shift() ?? (await new Promise<Seat>((resolve) => void waiting.push(resolve)));
    let lost = true;
    try {
      seat.thread ??= start();
      const worker = await seat.thread;
      const said = await ask(worker, question, settings);
      lost = said.kind === 'failed' && said.failure.kind !== 'judging-failed';
      if (lost) void worker.terminate();
      return said;
    } finally {
      if (lost) seat.thread = start();
      giveBack(seat);
    }
  }

  return {
    examine,
    close: async () => void (await Promise.all([...all].map((worker) => worker.terminate()))),
  };
}

function ask(worker: Worker, question: Question, { deadlineMs }: JudgeOptions): Promise<Examined> {
  const { host } = question.about;
  return new Promise((resolve) => {
    const fail = (kind: CheckFailure['kind'], details: CheckFailure['details']) =>
      end({ kind: 'failed', failure: { kind, details: { host, ...details } } });
    const timer = setTimeout(() => fail('judging-timed-out', { seconds: deadlineMs / 1000 }), deadlineMs);
    const onMessage = (said: Exclude<Said, 'ready'>) =>
      said.kind === 'answer' ? end(said) : fail('judging-failed', { why: said.why });
    // Out of memory, most of all: whatever ended it, it could not take what the host said.
    const onExit = () => fail('judging-too-large', {});

    function end(examined: Examined): void {
      clearTimeout(timer);
      worker.off('message', onMessage).off('exit', onExit);
      worker.unref();
      resolve(examined);
    }

    worker.on('message', onMessage).on('exit', onExit);
    worker.ref();
    worker.postMessage(question);
  });
}

function startThread({ program, megabytes }: JudgeOptions): Worker {
  const limits = { resourceLimits: { maxOldGenerationSizeMb: megabytes }, stdin: false } as const;
  const worker = program.endsWith('.ts')
    ? new Worker(
        `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}); })`,
        {
          ...limits,
          eval: true,
        },
      )
    : new Worker(program, limits);
  // An error without a listener would end the process; `exit` comes after it.
  worker.on('error', () => {});
  worker.unref();
  return worker;
}

/** A checkout has the source, dist/ what was built of it. */
function programOf(name: string): string {
  const source = installed(`src/serve/${name}.ts`);
  return existsSync(source) ? source : installed(`src/serve/${name}.js`);
}
