/** One line for each thing that happens: JSON for machines, a short line on a terminal. Secrets are taken out of both. */
import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { neutralise } from '#render/neutral.ts';
import { createRedact } from './redact.ts';

export interface LogTarget {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly secrets: readonly (string | undefined)[];
  readonly level?: string | undefined;
}

export function createLogger({ stream, secrets, level = 'info' }: LogTarget): Logger {
  const redact = createRedact(secrets);
  const out = new Writable({
    decodeStrings: false,
    write(line: string, _, done) {
      const safe = redact(line);
      stream.write(stream.isTTY === true ? forPeople(safe) : safe);
      done();
    },
  });
  return pino(
    {
      level,
      base: null,
      serializers: { err: errorFacts },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  );
}

/** A stack shows where a fault of ours is; for what is away, its reason is all there is to know. */
function errorFacts(error: Error): object {
  const { name: type, message } = error;
  return type === 'StoreDown' || type === 'StoreBroken' ? { type, message } : pino.stdSerializers.err(error);
}

/** `10:04:05 warn  what happened  key=value` */
function forPeople(line: string): string {
  const { level, time, msg, err, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(11, 19);
  const cause =
    typeof err === 'object' && err !== null && 'message' in err ? [`(${neutralise(String(err.message))})`] : [];
  const listed = Object.entries(facts).map(
    ([name, value]) => `${name}=${neutralise(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );
  return `${[clock, String(level).padEnd(5), neutralise(String(msg ?? '')), ...cause, ...listed].join(' ')}\n`;
}
