/** What jobs carry: an id and nothing else. It comes out of Redis, so it is read like any other record. */
import { z } from 'zod';
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import { parseRecord, VERSION } from '#store/record.ts';
import { changeId, runId } from '#store/shapes.ts';

const runData = z.object({ run: runId });
const changeData = z.object({ change: changeId });

export interface RunJob {
  readonly version: number;
  readonly run: CheckId;
}

export interface ChangeJob {
  readonly version: number;
  readonly change: ChangeId;
}

export function runJob(run: CheckId): RunJob {
  return { version: VERSION, run };
}

export function changeJob(change: ChangeId): ChangeJob {
  return { version: VERSION, change };
}

/** As BullMQ hands it to a worker. */
interface Job {
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** It fails, and BullMQ keeps it among the failed ones. */
export class UnreadableJob extends Error {
  override readonly name = 'UnreadableJob';
}

/** Throws an UnreadableJob when it names no run. */
export function runOfJob(job: Job): CheckId {
  return read(runData, job).run;
}

/** Throws an UnreadableJob when it names no change. */
export function changeOfJob(job: Job): ChangeId {
  return read(changeData, job).change;
}

function read<T>(shape: z.ZodType<T>, { id = '', data }: Job): T {
  const parsed = parseRecord(shape, data);
  if (parsed.kind === 'good') return parsed.value;
  const why = parsed.kind === 'bad' ? parsed.why : `it is of version ${parsed.version}`;
  throw new UnreadableJob(`The job ${id} cannot be read: ${why}.`);
}
