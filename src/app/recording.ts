/** Raw readings as a directory, for bug reports, for learning, and for the cases of a diagnosis:
 * `1/<source>.txt`, `2/<source>.txt`; a reading without a value is `<source>.<reason code>.txt`; `meta.json` says whose. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import type { RawReading, RawSample } from '#domain/evidence.ts';
import { absent, isUnreadableCode, unreadable } from '#domain/reading.ts';
import type { RawSamples } from './judge-samples.ts';

const META = z.object({
  host: z.string(),
  startedAt: z.iso.datetime(),
  interval: z.number().positive(),
  version: z.string(),
});

type RecordingMeta = z.infer<typeof META>;

export interface Recording {
  readonly samples: RawSamples;
  readonly meta: RecordingMeta;
}

/** A directory that is not a recording, or cannot be written; the message is one finished sentence. */
class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** Throws a RecordingError. Without meta.json the host is called after the directory. */
export async function readRecording(dir: string): Promise<Recording> {
  const first = await readSample(join(dir, '1'));
  if (first === undefined) throw new RecordingError(`${dir} has no readings: expected ${join(dir, '1')}/<source>.txt.`);
  const second = await readSample(join(dir, '2'));
  const samples: RawSamples = second === undefined ? [first] : [first, second];
  return { samples, meta: await readMeta(dir) };
}

async function readSample(dir: string): Promise<RawSample | undefined> {
  const files = await readdir(dir).catch(() => []);
  const readings = await Promise.all(
    files.filter((file) => file.endsWith('.txt')).map((file) => readReading(join(dir, file), file)),
  );
  return readings.length === 0 ? undefined : { readings: Object.fromEntries(readings) };
}

async function readReading(path: string, file: string): Promise<readonly [source: string, reading: RawReading]> {
  const [source = '', code, ...more] = file.replace(/\.txt$/, '').split('.');
  const text = await readText(path);
  if (code === undefined) return [source, { kind: 'text', text }];
  const what = text.trim();
  if (code === 'absent') return [source, absent(what)];
  if (!isUnreadableCode(code) || more.length > 0)
    throw new RecordingError(`${path} is named after no known reason: ${FORM}.`);
  return [source, unreadable(code, what)];
}

/** As much as a check takes from a host. */
const LONGEST = 1024 * 1024;

/** Somebody sent it: it may be a device, a pipe that nobody writes to, or have no end. */
async function readText(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new RecordingError(`${path} cannot be read (${codeOf(cause)}).`, { cause });
  });
  if (!found.isFile()) throw new RecordingError(`${path} cannot be read (it is no file).`);
  if (found.size > LONGEST) throw new RecordingError(`${path} is longer than a check takes from a host (1 MB).`);
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RecordingError(`${path} cannot be read (${codeOf(cause)}).`, { cause });
  });
}

const FORM = 'expected <source>.txt, or <source>.<reason>.txt such as kernel-log.no-permission.txt';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

async function readMeta(dir: string): Promise<RecordingMeta> {
  const path = join(dir, 'meta.json');
  if (!existsSync(path)) return withoutMeta(dir);
  const text = await readText(path);
  try {
    return META.parse(JSON.parse(text));
  } catch (cause) {
    throw new RecordingError(`${path} is not the meta.json of a recording.`, { cause });
  }
}

async function withoutMeta(dir: string): Promise<RecordingMeta> {
  const { mtime } = await stat(join(dir, '1'));
  return { host: basename(resolve(dir)), startedAt: mtime.toISOString(), interval: 5, version: '' };
}

/** Makes the directory; throws a RecordingError when something is in the way. Before a check, so that none is made in vain. */
export async function prepareRecording(dir: string): Promise<void> {
  const existing = await attempt(dir, async () => {
    await mkdir(dir, { recursive: true });
    return readdir(dir);
  });
  if (existing.length > 0) throw new RecordingError(`${dir} is not empty; name a new directory for the readings.`);
}

/** Throws a RecordingError, for example when the disk is full. */
export function writeRecording(dir: string, { samples, meta }: Recording): Promise<void> {
  return attempt(dir, async () => {
    for (const [index, sample] of samples.entries()) await writeSample(join(dir, `${index + 1}`), sample);
    await writeFile(join(dir, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
  });
}

async function writeSample(dir: string, { readings }: RawSample): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [source, reading] of Object.entries(readings)) {
    const text = reading.kind === 'text' ? reading.text : reading.reason.what;
    const name = reading.kind === 'text' ? source : `${source}.${reading.reason.code}`;
    await writeFile(join(dir, `${name}.txt`), text.endsWith('\n') || text === '' ? text : `${text}\n`);
  }
}

async function attempt<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RecordingError(`The readings cannot be written to ${dir}: ${said}.`, { cause });
  }
}
