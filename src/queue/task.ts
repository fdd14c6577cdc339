/** What a task carries: a verb, and the id of what it is about, or what a channel is to hear. It comes out of Redis, so it is read like any other record. */
import { z } from 'zod';
import type { FreezeNotice } from '#app/card-ports.ts';
import type { Subject } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import type { CheckId } from '#domain/check.ts';
import { LANGUAGES } from '#domain/language.ts';
import { parseRecord, VERSION } from '#store/record.ts';
import { actor, subject, word } from '#store/shapes.ts';

/** What a task is about. */
export type Topic = Subject | FreezeNotice;

export interface TaskData {
  readonly version: number;
  readonly subject: Topic;
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

const notice = z.object({
  kind: z.literal('freeze'),
  on: z.boolean(),
  group: word,
  by: actor,
  channel: word,
  language: z.enum(LANGUAGES),
});
const shape = z.object({ subject: z.union([subject, notice]) });

export function taskData(about: Topic): TaskData {
  return { version: VERSION, subject: about };
}

/** Throws an UnreadableTask when it names nothing, as the others do. */
function topicOf({ id = '', data }: Job): Topic {
  const parsed = parseRecord(shape, data);
  if (parsed.kind === 'good') return parsed.value.subject;
  const why = parsed.kind === 'bad' ? parsed.why : `it is of version ${parsed.version}`;
  throw new UnreadableTask(`The job ${id} cannot be read: ${why}.`);
}

export function subjectOf(job: Job): Subject {
  const about = topicOf(job);
  return about.kind === 'freeze' ? refuse(job, 'check or change') : about;
}

export function noticeOf(job: Job): FreezeNotice {
  const about = topicOf(job);
  return about.kind === 'freeze' ? about : refuse(job, 'freeze');
}

export function idOf(kind: 'check', job: Job): CheckId;
export function idOf(kind: 'change', job: Job): ChangeId;
export function idOf(kind: Subject['kind'], job: Job): Subject['id'] {
  const about = subjectOf(job);
  return about.kind === kind ? about.id : refuse(job, kind);
}

function refuse({ id = '' }: Job, wanted: string): never {
  throw new UnreadableTask(`The job ${id} cannot be read: it is about no ${wanted}.`);
}
