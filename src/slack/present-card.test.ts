import { beforeEach, describe, expect, it } from 'vitest';
import type { Card } from '#domain/card.ts';
import type { ChangeId } from '#domain/change.ts';
import { type PresentTools, presentCard, type Shown } from './present-card.ts';

const CARD: Card = {
  id: 'card',
  subject: { kind: 'change', id: 'aaaaaaaa' as ChangeId },
  place: { channel: 'C1', thread: null },
  language: 'en',
  askedBy: 'U1',
  message: '1.0',
  shown: 3,
  progress: '',
  told: [],
};
const SHOWN: Shown = {
  revision: 3,
  progress: '',
  isOver: true,
  isProgress: false,
  isFinal: false,
  draw: async () => ({ text: 'the card', blocks: [] }),
  tellings: () => [],
};

let card: Card;
let shown: Shown;
let settled: boolean;
let looks: number;
let edits: number;
let isDue: boolean;
/** What Slack was asked, and what it answers next. */
let calls: string[];
let answers: (Error | undefined)[];

beforeEach(() => {
  [card, shown, settled, looks, edits, isDue, calls, answers] = [CARD, SHOWN, false, 0, 10, true, [], []];
});

async function answer(call: string) {
  calls.push(call);
  const error = answers.shift();
  if (error !== undefined) throw error;
  return { ts: '2.0' };
}

const refusal = (error: string) => Object.assign(new Error(error), { data: { error } });
const chat = {
  postMessage: ({ text, thread_ts: thread }: { readonly text: string; readonly thread_ts?: string }) =>
    answer(`post ${text}${thread === undefined ? '' : ` in ${thread}`}`),
  update: ({ text }: { readonly text: string }) => answer(`edit ${text}`),
};

const tools = {
  cards: {
    find: async () => card,
    change: async (_card: Card, fields: Partial<Card>) => {
      card = { ...card, ...fields };
    },
    settle: async () => {
      settled = true;
    },
    unsettle: async () => {
      settled = false;
    },
    alone: async (_id: string, work: () => Promise<unknown>) => work(),
  },
  async look() {
    looks++;
    return shown;
  },
  announce: async (_subject: unknown, urgency: string) => void calls.push(`announce ${urgency}`),
  budget: { take: () => edits-- > 0 },
  pace: {
    isDue: () => isDue,
    drawn() {
      isDue = false;
    },
  },
  client: { chat },
  sendOnce: (call: (client: unknown) => unknown) => call({ chat }),
  log: { debug() {}, info() {}, warn() {}, error() {} },
} as unknown as PresentTools;

const present = () => presentCard('card', tools);
const telling = (key: string, more = {}) => ({ key, say: async () => ({ text: key, blocks: [] }), ...more });

it('that shows all there is of what is over is settled', async () => {
  expect(await present()).toBe('shown');
  expect([calls, settled]).toEqual([[], true]);
});

it('is posted, and its thread told each thing once', async () => {
  card = { ...CARD, message: null, shown: -1, told: ['before'] };
  shown = { ...SHOWN, tellings: () => ['before', 'now', 'later'].map((key) => telling(key)) };
  await present();
  await present();
  expect(calls).toEqual(['post the card', 'post now in 2.0', 'post later in 2.0']);
  expect([card.told, settled]).toEqual([['before', 'now', 'later'], true]);
});

it('is looked at once for all that is to be shown of what changes no more', async () => {
  card = { ...CARD, message: null, shown: -1 };
  shown = { ...SHOWN, isFinal: true, tellings: () => [telling('ended')] };
  await present();
  expect([calls, settled, looks]).toEqual([['post the card', 'post ended in 2.0'], true, 1]);
});

it('is drawn anew at the same revision by what changes it', async () => {
  shown = { ...SHOWN, isOver: false, tellings: () => [telling('frozen', { redraws: true })] };
  await present();
  expect(calls).toEqual(['edit the card', 'post frozen in 1.0']);
});

describe('progress', () => {
  beforeEach(() => {
    shown = { ...SHOWN, revision: 4, isOver: false, isProgress: true };
  });

  it('is left out when there have been too many edits', async () => {
    edits = 0;
    expect(await present()).toBe('shown');
    expect([calls, card.shown]).toEqual([[], 3]);
  });

  it('that goes on meanwhile is announced', async () => {
    shown = {
      ...shown,
      draw: async () => {
        shown = { ...shown, revision: 5 };
        return { text: 'the card', blocks: [] };
      },
    };
    await present();
    expect([calls, card.shown]).toEqual([['edit the card', 'announce soon'], 4]);
  });

  it('alone is counted', async () => {
    [edits, shown] = [0, { ...shown, isProgress: false }];
    await present();
    expect(card.shown).toBe(4);
  });
});

describe('what the host says of its work', () => {
  it('is drawn at the same revision, once', async () => {
    shown = { ...SHOWN, progress: '1/3', isOver: false };
    await present();
    await present();
    expect([calls, card]).toEqual([['edit the card'], { ...CARD, progress: '1/3' }]);
  });

  it('is left out when there have been too many edits, and drawn when there is room', async () => {
    [edits, shown] = [0, { ...SHOWN, progress: '1/3', isOver: false }];
    expect(await present()).toBe('shown');
    expect([calls, card.progress]).toEqual([[], '']);
    edits = 1;
    await present();
    expect([calls, card.progress]).toEqual([['edit the card'], '1/3']);
  });

  it('is drawn once in a while, and costs no edit before; what is more than progress is drawn at once', async () => {
    shown = { ...SHOWN, progress: '1/3', isOver: false };
    await present();
    shown = { ...shown, progress: '2/3' };
    await present();
    expect([calls, card.progress, edits]).toEqual([['edit the card'], '1/3', 9]);
    isDue = true;
    await present();
    expect([calls.length, card.progress]).toEqual([2, '2/3']);
    shown = { ...shown, progress: '3/3', revision: 4 };
    await present();
    expect([calls.length, card.progress]).toEqual([3, '3/3']);
  });

  it('leaves the card with the work', async () => {
    [card, shown] = [
      { ...CARD, progress: '3/3' },
      { ...SHOWN, revision: 4 },
    ];
    await present();
    expect([calls, card.progress, settled]).toEqual([['edit the card'], '', true]);
  });
});

describe('Slack says no', () => {
  it.each(['message_not_found', 'channel_not_found', 'not_in_channel', 'restricted_action_thread_locked'])(
    'for good, as %s: the card is left alone',
    async (why) => {
      shown = { ...SHOWN, revision: 4 };
      answers = [refusal(why)];
      expect(await present()).toBe('refused');
      expect([settled, card.shown]).toEqual([true, 3]);
    },
  );

  it('to the blocks: the text is shown', async () => {
    shown = { ...SHOWN, revision: 4 };
    answers = [refusal('invalid_blocks')];
    expect(await present()).toBe('shown');
    expect([calls, card.shown]).toEqual([['edit the card', 'edit the card'], 4]);
  });

  it('for a while: the card is looked after, and the thread told later', async () => {
    shown = { ...SHOWN, tellings: () => [telling('kept')] };
    answers = [refusal('internal_error')];
    await expect(present()).rejects.toThrow('internal_error');
    expect([card.told, settled]).toEqual([[], false]);
    await present();
    expect([calls, card.told]).toEqual([['post kept in 1.0', 'post kept in 1.0'], ['kept']]);
  });
});

it('whose thread may have been told is not told again', async () => {
  shown = { ...SHOWN, tellings: () => [telling('kept')] };
  answers = [new Error('The answer was lost.')];
  await expect(present()).rejects.toThrow('lost');
  await present();
  expect([calls, settled]).toEqual([['post kept in 1.0'], true]);
});

it('of what cannot be found stays as it is', async () => {
  shown = undefined as never;
  expect(await present()).toBe('shown');
  expect([calls, settled]).toEqual([[], false]);
});
