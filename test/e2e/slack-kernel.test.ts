/** Asking for a kernel in Slack: in words, with the form, and what its check says of it. No host is touched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#app/new-id.ts';
import { transition } from '#app/transition.ts';
import type { ChangeEvent } from '#change/decide.ts';
import { proposalEntry } from '#change/entry.ts';
import type { AnyKind } from '#change/kind.ts';
import type { Policy } from '#change/policy.ts';
import type { Change, ChangeId } from '#domain/change.ts';
import type { Act, Message } from '#local-slack/snapshot.ts';
import { changeCards } from '../bot/change-people.ts';
import { ended, KINDS } from '../bot/change-samples.ts';
import { changeOf, gateOf } from '../bot/example-change.ts';
import { KERNEL_PLAN } from '../bot/kernel-plan.ts';
import { NO_POLICY, RULE } from '../bot/policy-rule.ts';
import { buttonsOf, hasEnded, repliesOf, words, wordsOf } from '../bot/seen.ts';
import { ALICE, BOB, ONCALL, openDesk, type SlackDesk, YUKI } from '../bot/slack-desk.ts';

const POLICY: Policy = {
  ...NO_POLICY,
  rules: [
    {
      ...RULE,
      kinds: ['kernel'],
      ask: { users: [ALICE, YUKI], userGroups: [] },
      approve: { users: [ALICE, BOB], userGroups: [] },
      reasonRequired: true,
    },
  ],
};

let desk: SlackDesk;

beforeAll(async () => {
  desk = await openDesk({ policy: POLICY, builder: 'db-01' });
});
afterAll(() => desk.close());

const act = (user: string, what: Act) => desk.slack.act(user, what);
const modalOf = (user: string) => desk.slack.snapshot().modals[user];
const runs = () => desk.store.runs.active();

async function answer(user: string, text: string): Promise<string> {
  const [message] = await desk.told(user, () => desk.says(user, text));
  return message === undefined ? '' : words(message);
}

async function opensForm(user: string, text: string) {
  await desk.says(user, text);
  await desk.slack.until(({ modals }) => modals[user] !== undefined);
  return modalOf(user);
}

const initial = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap(initial);
  if (typeof value !== 'object' || value === null) return [];
  const { initial_value: text, initial_option: option, ...rest } = value as Record<string, unknown>;
  return [
    ...(text === undefined ? [] : [text]),
    ...(option === undefined ? [] : [(option as { value: string }).value]),
    ...initial(Object.values(rest)),
  ];
};

describe('/tcp kernel build', () => {
  it.each([
    ['a time below 5 s', '/tcp kernel build for web-01 timewait=4 because x', /TIME_WAIT can be 5 to 60 s\. Below 5 s/],
    ['a time above 60 s', '/tcp kernel build web-01 timewait 61s because x', /TIME_WAIT can be 5 to 60 s/],
    ['a host that is not there', '/tcp kernel build for wbe-01 timewait=15', /no host "wbe-01"\. Did you mean web-01/],
    ['a builder that is not there', '/tcp kernel build for web-01 timewait=15 on gone-99', /no host "gone-99"/],
    ['what is no part of it', '/tcp kernel build for web-01 hz=100', /could not use "hz=100"/],
    ['no verb', '/tcp kernel', /To ask for a build: \/tcp kernel build/],
  ])('refuses %s at once', async (_what, text, said) => {
    expect(await answer(ALICE, text)).toMatch(said);
    expect(modalOf(ALICE)).toBeUndefined();
    expect(await runs()).toEqual([]);
  });

  it('is refused at once to a person whom the policy does not let ask', async () => {
    expect(await answer(BOB, '/tcp kernel build for web-01 timewait=15')).toMatch(
      /may not request this change on web-01/,
    );
    expect(await answer(BOB, '/tcp kernel build for web-01 timewait=15 because x')).toMatch(/may not request/);
    expect([modalOf(BOB), await runs()]).toEqual([undefined, []]);
  });

  it('opens a form with what was typed, refuses at the field, and says in the thread what became of it', async () => {
    const form = await opensForm(ALICE, '/tcp kernel build for web-01 timewait=30 modules');
    expect(form).toMatchObject({ title: 'Build a kernel', submit: 'Check and request' });
    expect(initial(form?.blocks)).toEqual(['web-01', '30', 'db-01', 'modules']);
    for (const [values, errors] of [
      [{ seconds: { seconds: '3' } }, { seconds: expect.stringMatching(/^TIME_WAIT can be 5 to 60 s/) }],
      [{ seconds: { seconds: '1e1' } }, { seconds: expect.stringMatching(/^TIME_WAIT can be/) }],
      [{ host: { host: 'x; reboot' } }, { host: expect.stringMatching(/^There is no host "x; reboot"/) }],
      [{ builder: { builder: 'gone-99' } }, { builder: expect.stringMatching(/^There is no host/) }],
      [{ reason: { reason: '  ' } }, { reason: expect.stringMatching(/^Give a reason/) }],
    ] as const) {
      await act(ALICE, { kind: 'submit', values: { reason: { reason: 'checkout fails' }, ...values } });
      expect(modalOf(ALICE)?.errors).toEqual(errors);
    }
    const release = desk.hosts.hold('web-01', 'connecting');
    await act(ALICE, { kind: 'submit', values: { reason: { reason: 'checkout fails' } } });
    expect(modalOf(ALICE)).toBeUndefined();
    const card = await desk.untilCard('web-01', (each) => /then request a kernel build/.test(words(each)));
    expect(words(card)).toContain('Next: look at web-01 and db-01, then request a kernel build (TIME_WAIT 30 s).');
    release();
    const seen = await desk.untilEnded('web-01');
    expect(repliesOf('web-01', seen).map(words).join()).toMatch(
      /Kernel build requested \(TIME_WAIT 30 s, built on db-01\): change [a-z2-7]{8}, in this thread/,
    );
    const shown = changeCards(seen).filter(({ thread }) => thread === card.ts);
    expect(shown.map(words)).toEqual([
      expect.stringMatching(/web-01: kernel build waiting for approval.*TIME_WAIT of 30 s/),
    ]);
    expect(shown[0]?.pings).toContain(BOB);
    expect(words(shown[0] as Message)).toMatch(/only the 2 modules loaded now.*: checkout fails/);
  });

  it('that cannot be is refused in the thread, each reason with its remedy', async () => {
    desk.hosts.preflight('api-01', 'secure-boot on', 'disk boot 100000 5000 ext4');
    desk.hosts.preflight('db-03', 'account 0');
    await desk.says(YUKI, '/tcp kernel build for api-01 timewait=15 on db-03 because x');
    const seen = await desk.untilEnded('api-01');
    const said = repliesOf('api-01', seen).map(words).join();
    expect(said).toMatch(/カーネルのビルドは依頼できませんでした（api-01、TIME_WAIT 15 秒、ビルド先 db-03）/);
    expect(said).toMatch(/セキュアブート|Secure Boot/);
    expect(said).toMatch(/\/boot/);
    expect(said).toMatch(/db-03 へのログインが root です/);
    expect(await desk.changes.store.changes.ofHost('api-01', 5)).toEqual([]);
  });

  it('says which host could not be looked at', async () => {
    desk.hosts.fail('api-09', { kind: 'unreachable', why: 'no route' });
    await desk.says(ALICE, '/tcp kernel build for api-02 timewait=15 on api-09 because x');
    const seen = await desk.untilEnded('api-02');
    expect(repliesOf('api-02', seen).map(words).join()).toMatch(
      /not requested.*api-09 could not be looked at \(unreachable\)/,
    );
  });

  it('of a host that cannot be checked is not asked for, and the thread says so', async () => {
    desk.hosts.fail('api-03', { kind: 'host-key-unknown', hop: 'api-03', fingerprint: 'SHA256:x' });
    await desk.says(ALICE, '/tcp kernel build for api-03 timewait=15 because x');
    const seen = await desk.untilEnded('api-03');
    expect(repliesOf('api-03', seen).map(words).join()).toMatch(
      /no usable result\. Ask again: \/tcp kernel build for api-03/,
    );
  });

  it('finds builders as they are typed', async () => {
    await opensForm(ALICE, '/tcp kernel build');
    expect(initial(modalOf(ALICE)?.blocks)).toEqual(['15', 'db-01', 'running']);
    const offered = await act(ALICE, {
      kind: 'options',
      at: 'modal',
      blockId: 'builder',
      actionId: 'builder',
      typed: 'db',
    });
    expect(offered.options?.map(({ value }) => value)).toEqual(['db-01', 'db-02', 'db-03']);
    await act(ALICE, { kind: 'close-modal' });
  });

  it('joins the check that is under way, whose thread says what became of it; a second request is refused', async () => {
    const release = desk.hosts.hold('web-02', 'second-sample');
    await desk.says(BOB, '/tcp check web-02');
    await desk.untilCard('web-02', () => true);
    const text = '/tcp kernel build for web-02 timewait=15 on db-02 because checkout fails';
    expect(await answer(ALICE, text)).toMatch(/^Requested\. The card of the check of web-02 .*\/archives\//);
    expect(await answer(YUKI, text)).toContain('web-02 には、いま別のカーネルビルドが依頼されているところです');
    release();
    const seen = await desk.untilEnded('web-02');
    expect(repliesOf('web-02', seen).map(words).join()).toMatch(/Kernel build requested .*built on db-02/);
  });

  it('speaks Japanese to who reads Japanese', async () => {
    const form = await opensForm(YUKI, '/tcp kernel build for web-03');
    expect(wordsOf(form?.blocks)).toMatch(/最後の手段[\s\S]*TIME_WAIT の秒数（5〜60）[\s\S]*ビルドするホスト/);
    await act(YUKI, { kind: 'close-modal' });
  });

  it('in a sentence is asked for when all is said, and else says how', async () => {
    const said = await desk.told(ALICE, () =>
      desk.says(ALICE, '<@U0TCPBOT> kernel build for web-03 timewait=15', ONCALL),
    );
    expect(said.map(words)).toEqual([expect.stringMatching(/^To ask for a build/)]);
    expect(await runs()).toEqual([]);
  });
});

describe('a build', () => {
  const change = async (host: string) => {
    const [found] = await desk.changes.store.changes.ofHost(host, 1);
    if (found === undefined) throw new Error(`No change of ${host}.`);
    return found;
  };
  const cardOf = (id: string) =>
    changeCards(desk.slack.snapshot()).find(({ blocks }) => JSON.stringify(blocks).includes(id)) as Message;
  const threadOf = (id: string) =>
    desk.slack.snapshot().messages.filter(({ thread }) => thread !== null && thread === cardOf(id).thread);
  const said = (id: string) => threadOf(id).map(words).join('\n');

  async function happens(host: string, event: ChangeEvent): Promise<void> {
    const { store, announce } = desk.changes;
    await transition((await change(host)).id, event, { changes: store.changes, kinds: KINDS, announce, now });
  }

  /** As a worker hears it from the build host. */
  async function progresses(host: string, line: string): Promise<void> {
    const { store, announce } = desk.changes;
    const now = await change(host);
    await store.changes.keepProgress(now, { line, silentSince: null });
    await announce({ kind: 'change', id: now.id }, 'soon');
  }

  it('tells its stages, shows how far it is, and its log is in the thread when it ends', async () => {
    const { id } = await change('web-01');
    await desk.presses(BOB, cardOf(id), 'change:approve');
    await expect.poll(async () => (await change('web-01')).state.kind).toBe('queued');
    await happens('web-01', { kind: 'start' });
    await happens('web-01', { kind: 'running' });
    await progresses('web-01', 'build configure 1 200 0 conf');
    await expect.poll(() => said(id), { timeout: 20_000 }).toContain('Now: configuring.');
    await progresses('web-01', 'build compile 43 120 0 CC net/ipv4/tcp.o');
    await expect.poll(() => said(id), { timeout: 20_000 }).toContain('Now: compiling.');
    await expect
      .poll(() => words(cardOf(id)), { timeout: 20_000 })
      .toMatch(/compiling, 43 %, about 2 min left\. Last line: CC net\/ipv4\/tcp\.o/);
    expect(await answer(ALICE, '/tcp kernel status')).toMatch(/web-01: building its kernel.*compiling, 43 %/);

    const log = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    await desk.changes.store.changes.keepFile(id, 'log', Buffer.from(log));
    const seen = (await change('web-01')).revision;
    const built = { gate: 'build', reverts: null, artefact: 'a'.repeat(64), remarks: [] } as const;
    await happens('web-01', { kind: 'done', ...built, seen });
    await expect.poll(() => said(id)).toMatch(/Next: install it beside the running one[\s\S]*Open until/);
    await expect.poll(() => said(id)).toContain(`Build log of the kernel for web-01 (change ${id}): 1 KiB`);
    expect(threadOf(id).flatMap(({ files }) => files)).toMatchObject([
      { name: `web-01-${id}-log.txt`, size: log.length },
    ]);
    expect(said(id)).not.toContain('line 99');
  });

  it('that is cancelled says who wanted that, and that it has ended', async () => {
    const { id } = await change('web-02');
    await desk.presses(BOB, cardOf(id), 'change:approve');
    await expect.poll(async () => (await change('web-02')).state.kind).toBe('queued');
    await happens('web-02', { kind: 'start' });
    await expect.poll(() => buttonsOf(cardOf(id))).toContain('change:cancel');
    await desk.presses(ALICE, cardOf(id), 'change:cancel');
    await expect.poll(() => said(id)).toMatch(/Being cancelled, requested by {2}@U0ALICE/);
    await expect.poll(() => buttonsOf(cardOf(id))).not.toContain('change:cancel');
    await happens('web-02', { kind: 'undone', why: 'person', remarks: [] });
    await expect.poll(() => said(id)).toContain('Build cancelled: all its processes on the build host have ended.');
    await expect.poll(() => words(cardOf(id))).toMatch(/web-02: kernel build cancelled; old kernel unchanged/);
    expect(words(cardOf(id))).not.toMatch(/[Rr]everted/);
  });
});

const now = () => new Date();

it('a check of a host that runs another kernel than the one that was kept says so', async () => {
  const { changes } = desk.changes.store;
  const gates = ['build', 'install', 'boot', 'keep'].map((name) => gateOf(name, { host: 'api-04' }));
  const kept: Change = {
    ...changeOf({ id: newId('kept kernel') as string as ChangeId, host: 'api-04', gates }),
    kind: 'kernel',
    plan: { ...KERNEL_PLAN, host: 'api-04' },
    state: ended(now(), { how: 'done', by: null, remarks: [] }),
  };
  await changes.propose(kept, proposalEntry(KINDS.get('kernel') as AnyKind, kept, now()));
  await desk.says(BOB, '/tcp check api-04');
  const seen = await desk.untilEnded('api-04');
  const drift = `not the kernel that change ${kept.id} kept (TIME_WAIT 15 s)`;
  expect(repliesOf('api-04', seen).map(words).join()).toContain(drift);
  expect(words(await desk.untilCard('api-04', hasEnded))).toContain(drift);
});

describe('/tcp kernel status', () => {
  it('shows each build, who asked for it, and how it stands', async () => {
    expect(await answer(ALICE, '/tcp kernel status')).toMatch(
      /^Kernel builds under way: 1 .*web-01: kernel built, installation waiting for approval +[a-z2-7]{8} +requested by +@U0ALICE/,
    );
  });
});
