/** Turns every sign that Redis is away into one: StoreDown. What is left is a fault of ours. */
import { StoreBroken, StoreDown } from '#app/check-ports.ts';

/** Replies of a Redis that is there but takes nothing: starting, failing over, full. */
const AWAY = /^(?:LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|NOAUTH|WRONGPASS|NOREPLICAS)\b/;

/** A fault of our own is none of Redis. */
const OURS = [TypeError, RangeError, ReferenceError, SyntaxError];

export function asStoreDown(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreDown || error instanceof StoreBroken) return error;
  if (OURS.some((kind) => error instanceof kind)) return error;
  const answered = error.name === 'ReplyError';
  return answered && !AWAY.test(error.message) ? error : new StoreDown(error.message, { cause: error });
}

/** The same object; what its functions reject with has gone through `explain`, and is a StoreDown where Redis is away. */
export function guarded<T extends object>(store: T, explain: Explain = async (error) => error): T {
  const entries = Object.entries(store).map(([name, value]) => [
    name,
    typeof value === 'function' ? guard(value, explain) : value,
  ]);
  return Object.fromEntries(entries) as T;
}

type Explain = (error: unknown) => Promise<unknown>;
type AnyFunction = (...args: never[]) => Promise<unknown>;

function guard(work: AnyFunction, explain: Explain): AnyFunction {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      throw asStoreDown(await explain(error));
    }
  };
}
