import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Check, CheckId } from '#domain/check.ts';
import type { CommandResult } from '#domain/command.ts';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import { type CheckWorkTools, runQueuedCheck } from './run-queued-check.ts';

const ID = 'abcdefghijklmnop' as CheckId;
const name = parseHostName('web-01');
if (name === undefined) throw new Error('not a host name');
const HOST: Host = {
  name,
  address: '10.0.0.11',
  port: 22,
  user: 'oncall',
  identityFiles: [],
  groups: [],
  jump: [],
  transport: SSH2,
};
const LOST = {
  kind: 'connection-lost',
  stdout: '',
  stderr: '',
  bytes: 0,
  milliseconds: 1,
  hostKey: null,
  why: 'reset',
};

/** A host that hangs up after so long, and what is announced meanwhile. */
function hangingUpAfter(ms: number) {
  const announced: string[] = [];
  const deadline = new Date(Date.now() + 200_000);
  const run: Partial<Check> = { id: ID, host: HOST.name, interval: 5, deadline, attempt: 1 };
  const tools = {
    runs: { take: async () => run, advance: async () => run, end: async () => run },
    announce: async (_: unknown, urgency: string) => void announced.push(urgency),
    findHost: async () => HOST,
    checking: {
      run: () => new Promise((resolve) => setTimeout(() => resolve(LOST as unknown as CommandResult), ms)),
      sources: [],
      now: () => new Date(),
    },
    onSilence: () => {},
  } as unknown as CheckWorkTools;
  return { announced, ended: runQueuedCheck(ID, false, new AbortController().signal, tools) };
}

describe('what is only progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is announced when nothing else was for a while', async () => {
    const { announced, ended } = hangingUpAfter(10_000);
    await vi.advanceTimersByTimeAsync(2_400);
    expect(announced).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(announced).toEqual(['now']);
    await vi.advanceTimersByTimeAsync(7_400);
    await ended;
    expect(announced).toEqual(['now', 'now']);
  });

  it('is not announced apart from an end that comes before', async () => {
    const { announced, ended } = hangingUpAfter(100);
    await vi.advanceTimersByTimeAsync(100);
    await ended;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(announced).toEqual(['now']);
  });
});
