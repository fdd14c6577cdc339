/** What the use cases of queued checks need from a store and a queue. Every promise may reject with a StoreDown. */
import type { Actor, Check, CheckId, CheckState } from '#domain/check.ts';
import type { Comparable } from '#domain/compare-reports.ts';
import type { Proposal } from '#domain/plan.ts';
import type { Report } from '#domain/report.ts';
import type { Cards } from './card-ports.ts';

/** Redis does not answer: nothing was changed, and the person is told so at once. */
export class StoreDown extends Error {
  override readonly name = 'StoreDown';
}

/** A key of Redis that everything needs is of another type: nothing was changed, and only an administrator can put that right. */
export class StoreBroken extends Error {
  override readonly name = 'StoreBroken';

  readonly key: string;
  /** What it is, as Redis calls types. */
  readonly type: string;
  /** What it has to be. */
  readonly wanted: string;

  constructor(key: string, type: string, wanted: string) {
    super(
      `${key} in Redis is a ${type}, and has to be a ${wanted}: another program wrote it. docs/operating.md says how to put it right (Redis).`,
    );
    [this.key, this.type, this.wanted] = [key, type, wanted];
  }
}

export type NewCheck = Pick<Check, 'id' | 'host' | 'interval' | 'actor' | 'askedAt' | 'deadline' | 'next'>;

/** Who says something of a run: a later attempt may have taken it over. */
export type Attempt = Pick<Check, 'id' | 'host' | 'attempt'>;

/** Every write is one atomic step in the store. */
export interface Checks {
  /** `repeated`: this id was begun before. `joined`: another run of this host has not ended; it gets `next`, unless it has one. */
  begin(run: NewCheck): Promise<{ readonly kind: 'begun' | 'repeated' | 'joined'; readonly run: Check }>;
  find(id: CheckId): Promise<Check | undefined>;
  /** Those that have not ended, oldest first. */
  active(): Promise<readonly Check[]>;
  /** A worker takes it: the attempt goes up. Undefined when it has ended. */
  take(id: CheckId): Promise<Check | undefined>;
  /** Undefined when it has ended or a later attempt has taken over. */
  advance(run: Attempt, state: Extract<CheckState, { kind: 'queued' | 'running' }>): Promise<Check | undefined>;
  /** Goes on to the second sample, and keeps the report of the first; undefined as for advance. */
  keepFirst(run: Attempt & Pick<Check, 'actor' | 'deadline'>, first: Report): Promise<Check | undefined>;
  /** What `keepFirst` kept, until the check has ended. */
  findFirst(id: CheckId): Promise<Report | undefined>;
  /** The one end it has; `attempt` null = whoever runs it. Undefined when it has ended already or a later attempt has taken over. */
  end(run: Omit<Attempt, 'attempt'> & { attempt: number | null }, state: EndState): Promise<Check | undefined>;
}

export type EndState = Exclude<CheckState, { kind: 'queued' | 'running' }>;

export interface StoredReport {
  readonly id: CheckId;
  readonly report: Report;
  readonly actor: Actor;
  /** What each fix came to; undefined where no policy lets anybody change anything. */
  readonly proposals?: readonly Proposal[] | undefined;
}

export interface Reports {
  /** Kept as long as configured. */
  save(report: StoredReport): Promise<void>;
  find(id: CheckId): Promise<StoredReport | undefined>;
  /** To compare it with: the newest of the same host from before it. */
  before(report: Report): Promise<Comparable | undefined>;
  /** Newest first. */
  ofHost(host: string, most: number): Promise<readonly StoredReport[]>;
  /** Newest first, of all hosts. */
  recent(most: number): Promise<readonly StoredReport[]>;
}

/** Things said once and never again, whoever hears them first. */
export interface Once {
  /** True the first time `key` is seen within `forMs`. */
  first(key: string, forMs: number): Promise<boolean>;
  forget(key: string): Promise<void>;
}

/** What a button means, kept here because a button carries nothing but an opaque id. */
export interface Offers {
  put(offer: Offer): Promise<string>;
  /** Whoever takes it first has it; undefined when it was taken, has expired or never was. */
  take(id: string): Promise<Offer | undefined>;
}

export interface Offer {
  readonly kind: 'check';
  readonly host: string;
  readonly interval: number;
}

/** Who looks at the overview of everything, and wants it kept up to date. */
export interface Onlookers {
  came(user: string): Promise<void>;
  /** Those who came in the last ten minutes. */
  recent(): Promise<readonly string[]>;
}

export interface Store {
  readonly runs: Checks;
  readonly reports: Reports;
  readonly cards: Cards;
  readonly once: Once;
  readonly offers: Offers;
  readonly onlookers: Onlookers;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly workers: number;
}

export interface CheckQueue {
  /** The job's id is the run's id: adding twice is adding once. */
  add(run: Check): Promise<void>;
  /** `gone` also when it was never there or has ended. */
  remove(id: CheckId): Promise<'removed' | 'running' | 'gone'>;
  /** Tells whichever process runs it to stop it, on the host too. */
  stop(id: CheckId): Promise<void>;
  standing(id: CheckId): Promise<'waiting' | 'running' | 'ended' | 'absent'>;
  counts(): Promise<QueueCounts>;
}
