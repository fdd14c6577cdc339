/** What a task carries: a verb, and the id of what it is about. It comes out of Redis, so it is read like any other record. */
import { z } from 'zod';
import type { Subject } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import { parseRecord, VERSION } from '#store/record.ts';
import { subject } from '#store/shapes.ts';

export interface TaskData {
  readonly version: number;
  readonly subject: Subject;
}

/** As BullMQ hands it to a worker. */
export interface Job {
  readonly id?: string | undefined;
  readonly data: unknown;
}

/** It fails, and BullMQ keeps it among the failed ones. */
export class UnreadableTask extends Error {
  override readonly name = 'UnreadableTask';
}

const shape = z.object({ subject });

export function taskData(about: Subject): TaskData {
  return { version: VERSION, subject: about };
}

/** Throws an UnreadableTask when it names nothing, as the other does. */
export function subjectOf({ id = '', data }: Job): Subject {
  const parsed = parseRecord(shape, data);
  if (parsed.kind === 'good') return parsed.value.subject;
  const why = parsed.kind === 'bad' ? parsed.why : `it is of version ${parsed.version}`;
  throw new UnreadableTask(`The job ${id} cannot be read: ${why}.`);
}

export function idOf(kind: 'check', job: Job): CheckId;
export function idOf(kind: 'change', job: Job): ChangeId;
export function idOf(kind: Subject['kind'], job: Job): Subject['id'] {
  const about = subjectOf(job);
  if (about.kind !== kind) throw new UnreadableTask(`The job ${job.id} cannot be read: it is about no ${kind}.`);
  return about.id;
}
