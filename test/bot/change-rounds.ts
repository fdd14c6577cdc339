/** Changes in a row on each of many hosts at once, by people in Slack: asked for, approved by two at the same moment, applied, undone. */
import type { Lab } from '#lab/lab.ts';
import type { LocalSlack } from '#local-slack/local-slack.ts';
import { createChangePeople } from './change-people.ts';
import { setUpForChanges } from './changes.ts';

const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
const FIX = 'disable-abort-on-overflow';
/** A fault that costs the host nothing. */
const FAULT = { 'net.ipv4.tcp_abort_on_overflow': '1' };
const WITHIN_MS = 120_000;

/** Alice asks; Bob and Yuki approve. */
export const ROUNDS_POLICY = {
  changes: {
    rules: [{ groups: ['*'], ask: 'members', approve: { users: [BOB, YUKI] }, expires: '30m', revert: '10m' }],
  },
} as const;

export interface Rounds {
  /** One change, up to its card that waits for approval. */
  readonly propose: () => Promise<void>;
  /** Resolves when the click is acknowledged. */
  readonly approve: (by: 'one' | 'two at once') => Promise<void>;
  readonly untilApplied: () => Promise<void>;
  /** Resolves when the old values are back, and the host is free. */
  readonly undo: () => Promise<void>;
}

/** Makes the host ready, breaks it, and checks it once: all its changes are asked for from that check's card. */
export async function openRounds(lab: Lab, slack: LocalSlack, host: string): Promise<Rounds> {
  const people = createChangePeople(slack, host, FIX);
  await setUpForChanges(lab, host);
  await lab.sysctl(host, FAULT);
  const report = await people.checks(ALICE, WITHIN_MS);
  const press = async (user: string, button: string) => {
    const { ok, error } = await people.presses(user, people.newest(), button);
    // Too late for Slack is not too late for us: what was pressed happens.
    if (!ok && error !== 'operation_timeout') throw new Error(`${button} on ${host}: ${error}.`);
  };
  return {
    propose: async () => void (await people.asks(ALICE, report)),
    async approve(by) {
      await Promise.all((by === 'one' ? [BOB] : [BOB, YUKI]).map((user) => press(user, 'change:approve')));
    },
    untilApplied: async () => void (await people.until('on trial', WITHIN_MS)),
    async undo() {
      await press(BOB, 'change:revert');
      await people.until('reverted', WITHIN_MS);
    },
  };
}

/** `each` changes on every host; a host has one at a time, and the next is asked for when it is free. */
export async function playRounds(rounds: readonly Rounds[], each: number): Promise<void> {
  await Promise.all(
    rounds.map(async ({ propose, approve, untilApplied, undo }) => {
      for (let round = 0; round < each; round++) {
        await propose();
        await approve('two at once');
        await untilApplied();
        await undo();
      }
    }),
  );
}
