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
  /** Another thread is started when all that there are have been at one check for so long. */
  readonly patienceMs: number;
  readonly megabytes: number;
  /** A second one, so that others need not wait for the deadline of a hostile host. */
  readonly threads: number;
  /** The program of a thread. */
  readonly program: string;
}

const DEFAULTS: JudgeOptions = {
  deadlineMs: 10_000,
  patienceMs: 250,
  megabytes: 128,
  threads: 2,
  program: programOf('judge-thread'),
};

export interface Judges {
  readonly examine: (question: Question) => Promise<Examined>;
  readonly close: () => Promise<void>;
}

/** A thread takes some 30 MB: all but the first are started when those before are stuck. */
interface Seat {
  thread: Promise<Worker> | undefined;
}

/** What a thread says: that it is ready, once, and then one answer to each question. */
type Said = 'ready' | ({ readonly kind: 'answer' } & Answer) | { readonly kind: 'thrown'; readonly why: string };

/** The first thread starts at once, so that the first check does not wait for it. One that was ended is replaced at once. */
export function openJudges(options: Partial<JudgeOptions> = {}): Judges {
  const settings = { ...DEFAULTS, ...options };
  const all = new Set<Worker>();
  const free: Seat[] = [{ thread: start() }];
  const spare: Seat[] = Array.from({ length: settings.threads - 1 }, () => ({ thread: undefined }));
  const stuck = new Set<Seat>();
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

  function take(): Promise<Seat> {
    return new Promise((resolve) => {
      waiting.push(resolve);
      handOut();
    });
  }

  /** To who waits: a seat that is free, or a spare one when all that are taken are stuck. */
  function handOut(): void {
    if (waiting.length === 0) return;
    const taken = settings.threads - free.length - spare.length;
    const seat = free.shift() ?? (stuck.size === taken ? spare.shift() : undefined);
    if (seat !== undefined) waiting.shift()?.(seat);
  }

  function giveBack(seat: Seat): void {
    stuck.delete(seat);
    free.unshift(seat);
    handOut();
  }

  function replace(seat: Seat): void {
    seat.thread?.then((worker) => worker.terminate()).catch(() => {});
    seat.thread = start();
  }

  async function askIn(seat: Seat, question: Question): Promise<Examined> {
    seat.thread ??= start();
    const worker = await seat.thread;
    let answered = false;
    const patience = setTimeout(() => {
      // After this process has had to wait for a processor, an answer that came meanwhile is still to be read.
      setImmediate(() => {
        if (answered) return;
        stuck.add(seat);
        handOut();
      });
    }, settings.patienceMs);
    try {
      return await ask(worker, question, settings);
    } finally {
      answered = true;
      clearTimeout(patience);
    }
  }

  async function examine(question: Question): Promise<Examined> {
    const seat = await take();
    let lost = true;
    try {
      const said = await askIn(seat, question);
      lost = said.kind === 'failed' && said.failure.kind !== 'judging-failed';
      return said;
    } finally {
      if (lost) replace(seat);
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
