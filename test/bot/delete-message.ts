/** Somebody who may delete messages does. */
import { expect } from 'vitest';
import type { LocalSlack } from '#local-slack/local-slack.ts';

export async function deleteMessage({ apiUrl, tokens }: LocalSlack, channel: string, ts: string): Promise<void> {
  const answer = await fetch(`${apiUrl}chat.delete`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.bot}`, 'content-type': 'application/json' },
    body: JSON.stringify({ channel, ts }),
  });
  expect(await answer.json()).toMatchObject({ ok: true });
}
