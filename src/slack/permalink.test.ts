import { expect, it } from 'vitest';
import type { Card } from '#domain/card.ts';
import { cardFor, permalink } from './permalink.ts';

const WORKSPACE = { workspace: 'https://lab.slack.com/' };

function card(more: Partial<Card> = {}): Card {
  const subject = { kind: 'check', id: 'aaaaaaaa' } as never;
  const place = { channel: 'C0ONCALL', thread: null };
  const showing = { message: '1796029453.000100', shown: 1, progress: '', told: [] };
  return { id: 'x', subject, place, language: 'en', askedBy: 'U0ALICE', ...showing, ...more };
}

it('is as Slack writes it, in a channel and in a thread', () => {
  expect(permalink(card(), WORKSPACE)).toBe('https://lab.slack.com/archives/C0ONCALL/p1796029453000100');
  const place = { channel: 'C0ONCALL', thread: '1796029400.000200' };
  expect(permalink(card({ place }), WORKSPACE)).toBe(
    'https://lab.slack.com/archives/C0ONCALL/p1796029453000100?thread_ts=1796029400.000200&cid=C0ONCALL',
  );
});

it('is none before the card is posted, and where Slack has not said where the workspace is', () => {
  expect(permalink(card({ message: null }), WORKSPACE)).toBeUndefined();
  expect(permalink(card(), { workspace: null })).toBeUndefined();
});

it('leads nobody to a conversation of somebody else', () => {
  const mine = card({ place: { channel: 'D0ALICE', thread: null } });
  expect(cardFor('U0BOB', [mine])).toBeUndefined();
  expect(cardFor('U0ALICE', [mine])).toBe(mine);
  expect(cardFor('U0BOB', [card({ message: null }), mine, card()])).toEqual(card());
});
