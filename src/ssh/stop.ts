/** When a run must end early: its deadline, its caller's signal, or the pool being closed. */

export type StopReason = 'timed-out' | 'aborted';

export interface Stop extends Disposable {
  /** Undefined while nothing has stopped the run. */
  readonly reason: () => StopReason | undefined;
  /** Resolves when something does; never rejects. */
  readonly stopped: Promise<StopReason>;
}

export function watchStop(deadlineMs: number, signals: readonly (AbortSignal | undefined)[]): Stop {
  let resolve: (reason: StopReason) => void = () => {};
  const stopped = new Promise<StopReason>((settle) => {
    resolve = settle;
  });
  let reason: StopReason | undefined;

  function stop(why: StopReason): void {
    reason ??= why;
    resolve(reason);
  }

  const onAbort = () => stop('aborted');
  const timer = setTimeout(() => stop('timed-out'), deadlineMs);
  for (const signal of signals) {
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
  }
  return {
    reason: () => reason,
    stopped,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    },
  };
}

/** What was wanted, or why nobody waits for it any more. */
export async function unlessStopped<T>(wanted: Promise<T>, stop: Stop): Promise<T | StopReason> {
  const first = await Promise.race([wanted, stop.stopped]);
  return stop.reason() ?? first;
}
