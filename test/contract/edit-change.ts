/** Past the use cases, into the record of a change: what somebody does who writes to Redis. */
import type { Redis } from 'ioredis';
import type { ChangeId } from '#domain/change.ts';
import { keyOf } from '#store/keys.ts';

interface WrittenStep {
  readonly key: string;
  to: string;
}

interface WrittenGate {
  host: string;
  hostKey: string | null;
  artefact: string | null;
  expiresAt: string | null;
  approvals: object[];
}

/** A change as JSON. */
export interface WrittenChange {
  kind: string;
  host: string;
  plan: { host: string; fix: string; netns: string | null; risk: string; steps: [WrittenStep, ...WrittenStep[]] };
  reverts: string | null;
  gates: [first: WrittenGate, second: WrittenGate];
  revertMinutes: number;
  requester: { surface: string; id: string };
  breakGlass: boolean;
  state: { reverts?: unknown; [field: string]: unknown };
}

export type Edit = (change: WrittenChange) => unknown;

/** The revision stays. */
export async function editChange(redis: Redis, id: ChangeId, edit: Edit): Promise<void> {
  const key = keyOf('change', id);
  const change = JSON.parse((await redis.hget(key, 'json')) ?? '') as WrittenChange;
  edit(change);
  await redis.hset(key, 'json', JSON.stringify(change));
}
