/** The local Slack in its container, used as its page uses it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act, Acted, Message, Snapshot } from '#local-slack/snapshot.ts';
import { cardsOf, hasEnded } from '../bot/seen.ts';

const ALICE = 'U0ALICE';
const ONCALL = 'C0ONCALL';
const PATIENCE_MS = 60_000;

export interface OutsideSlack {
  /** Once a bot is connected. */
  readonly says: (text: string) => Promise<Acted>;
  /** Resolves with the host's card when its check has ended. */
  readonly checked: (host: string) => Promise<Message>;
}

/** `url`: of its page. */
export function openOutsideSlack(url: string): OutsideSlack {
  const state = async () => (await (await fetch(`${url}/_local/state?as=${ALICE}`)).json()) as Snapshot;
  async function says(text: string): Promise<Acted> {
    await seen(state, ({ connected }) => connected || undefined, 'no bot connected');
    const act: Act = { kind: 'type', channel: ONCALL, text };
    const answer = await fetch(`${url}/_local/act`, { method: 'POST', body: JSON.stringify({ as: ALICE, act }) });
    return (await answer.json()) as Acted;
  }
  return {
    says,
    checked: (host) => seen(state, (snapshot) => cardsOf(host, snapshot).find(hasEnded), `no card of ${host} ended`),
  };
}

async function seen<T>(
  state: () => Promise<Snapshot>,
  look: (snapshot: Snapshot) => T | undefined,
  otherwise: string,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    // It may still be starting.
    const snapshot = await state().catch(() => undefined);
    const found = snapshot && look(snapshot);
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new Error(`${otherwise} within ${PATIENCE_MS / 1000} s:\n${JSON.stringify(snapshot?.messages)}`);
    await sleep(200);
  }
}
