/** From a finding's button to a proven change, on a real host, by people in Slack. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CONF } from '#lab/helper-on-host.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { CHANGES, QUEUE_PREFIX } from '#queue/names.ts';
import { type ChangePeople, changeCards, createChangePeople } from '../bot/change-people.ts';
import { exhaustPorts, POLICY, setUpForChanges } from '../bot/changes.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { buttonsOf, words } from '../bot/seen.ts';
import { type ServeProcess, startServe } from '../bot/serve-process.ts';

const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
const HOST = 'web-01';
const REUSE = 'net/ipv4/tcp_tw_reuse';

let lab: Lab;
let slack: LocalSlack;
let serve: ServeProcess;
let people: ChangePeople;

beforeAll(async () => {
  lab = await openLab({ name: 'changes', hosts: 3 });
  slack = await startLocalSlack();
  await setUpForChanges(lab, HOST);
  await exhaustPorts(lab, HOST, 'db-01', 600);
  serve = await startServe({ hosts: lab.paths.config, config: POLICY, env: slackEnvironment(slack) });
  await slack.until(({ connected }) => connected);
  people = createChangePeople(slack, HOST, 'reuse-time-wait-ports');
});
afterAll(async () => {
  await serve?.stop();
  await slack?.stop();
  await lab?.close();
});
/** Each test begins with nothing on trial, and the fault there. */
afterEach(async () => {
  const offering = (button: string) => changeCards(slack.snapshot()).filter((each) => buttonsOf(each).includes(button));
  for (const card of offering('change:revert')) await people.presses(BOB, card, 'change:revert');
  for (const card of offering('change:take-back')) await takesBack(card);
  await expect.poll(() => live()).toBe('0');
  await root(`rm -f ${CONF}`);
});

async function root(command: string): Promise<string> {
  return (await lab.exec(HOST, ['sh', '-c', command])).stdout.trim();
}

/** A new change: Alice asks for it, and Bob approves. */
async function takesBack(kept: Message): Promise<void> {
  await people.presses(ALICE, kept, 'change:take-back');
  await people.until('revert waiting for approval');
  await people.presses(BOB, people.newest(), 'change:approve');
  await people.until('reverted');
}

const live = () => root(`cat /proc/sys/${REUSE}`);

describe('a change', () => {
  it('is asked for by one person, approved by another, applied, proved, kept, and taken back', async () => {
    const change = await people.proposes(ALICE);
    expect(words(change)).toMatch(/tcp_tw_reuse.*0 → 1/);
    expect(await live()).toBe('0');
    expect(await people.told(ALICE, () => people.presses(ALICE, change, 'change:approve'))).toMatch(
      /other than the requester must approve/,
    );
    expect(await live()).toBe('0');
    await people.presses(BOB, change, 'change:approve');
    await people.until('on trial');
    expect(await live()).toBe('1');
    const proof = await slack.until(({ messages }) => messages.some(({ text }) => text === `${HOST}: cured`));
    expect(proof.messages.filter(({ text }) => text === `${HOST}: cured`)).toHaveLength(1);
    await people.presses(BOB, people.newest(), 'change:keep');
    await people.until('kept');
    expect(await root(`grep -v '^#' ${CONF}`)).toBe('net.ipv4.tcp_tw_reuse = 1');
    const kept = people.newest() as Message;
    const shown = () => buttonsOf(slack.snapshot().messages.find(({ ts }) => ts === kept.ts) as Message);
    await people.presses(ALICE, kept, 'change:take-back');
    await people.until('revert waiting for approval');
    const back = people.newest() as Message;
    expect(back.thread).toBe(kept.thread);
    await slack.until(() => !shown().includes('change:take-back'));
    expect(await people.told(ALICE, () => people.presses(ALICE, back, 'change:approve'))).toMatch(
      /other than the requester must approve/,
    );
    expect(await live()).toBe('1');
    await people.presses(BOB, back, 'change:deny');
    await slack.until(({ modals }) => modals[BOB] !== undefined);
    await people.submits(BOB, { reason: 'it is still needed' });
    await slack.until(() => shown().includes('change:take-back'));
    expect([await live(), await root(`grep -c tcp_tw_reuse ${CONF}`)]).toEqual(['1', '1']);
    await takesBack(kept);
    expect([await live(), await root(`grep -v '^#' ${CONF} || :`)]).toEqual(['0', '']);
  });

  it('left alone undoes itself, and the thread says so from the host’s own journal', async () => {
    const change = await people.proposes(ALICE, { minutes: '1' });
    await people.presses(BOB, change, 'change:approve');
    await people.until('on trial');
    expect(await live()).toBe('1');
    // A minute is long for a test: the host is told that its time is over in two seconds.
    await root(
      `cd /var/lib/tcp-oncall/changes/$(ls -t /var/lib/tcp-oncall/changes | head -n 1); cut -d. -f1 /proc/uptime | awk '{ print $1 + 2 }' >sooner && mv sooner due`,
    );
    await expect.poll(() => live()).toBe('0');
    await people.until('reverted', 200_000);
    const sentence = 'Not kept before the deadline, so the host reverted it automatically';
    await slack.until(({ messages }) => messages.some(({ text }) => text.includes(sentence)));
  }, 240_000);

  it('that somebody else’s hand has overtaken stops before anything is written', async () => {
    const change = await people.proposes(ALICE);
    await root(`echo 2 > /proc/sys/${REUSE}`);
    await people.presses(BOB, change, 'change:approve');
    await people.until('change failed; nothing was changed');
    expect(words(people.newest() as Message)).toMatch(/has changed since the check \(net\.ipv4\.tcp_tw_reuse 2\)/);
    expect(await live()).toBe('2');
    await root(`echo 0 > /proc/sys/${REUSE}`);
  });
});

describe('a host without the helper', () => {
  const helper = '/usr/local/sbin/tcp-oncall-helper';

  it('is named on the card and in the form, which cannot be sent', async () => {
    await root(`mv ${helper} /root/helper`);
    const card = await people.checks(ALICE);
    await root(`mv /root/helper ${helper}`);
    expect(words(card)).toContain(`Run tcp-oncall host-setup ${HOST}`);
    await people.opens(ALICE, card);
    const form = slack.snapshot().modals[ALICE];
    expect(JSON.stringify(form?.blocks)).toContain(`tcp-oncall host-setup ${HOST}`);
    expect(form?.submit).toBeNull();
    await slack.act(ALICE, { kind: 'close-modal' });
  });
});

describe('more than one', () => {
  it('a newer proposal takes the place of an older one, whose buttons go', async () => {
    const older = await people.proposes(ALICE);
    const newer = await people.proposes(ALICE, { reason: 'checkout still fails' });
    const now = () => slack.snapshot().messages.find(({ ts }) => ts === older.ts) as Message;
    await slack.until(() => buttonsOf(now()).length === 0);
    expect(words(now())).toMatch(/[Rr]eplaced by a newer proposal/);
    expect(await live()).toBe('0');
    await people.presses(ALICE, newer, 'change:withdraw');
    await people.until('withdrawn');
  });

  it('who has the host is there for everybody to see, and an admin may take it away', async () => {
    const change = await people.proposes(ALICE);
    await slack.act(BOB, { kind: 'open-home' });
    await slack.until(({ homes }) => /For you to decide.*web-01/.test(JSON.stringify(homes[BOB] ?? [])));
    await people.presses(BOB, change, 'change:approve');
    await people.until('on trial');
    expect(await people.told(YUKI, () => people.says(YUKI, '/tcp status'))).toMatch(
      /web-01: 試用中.*ロックは \d+ 分後に失効/,
    );
    expect(await people.told(ALICE, () => people.says(ALICE, `/tcp unlock ${HOST}`))).toMatch(
      /Only admins may do this/,
    );
    expect(await people.told(BOB, () => people.says(BOB, `/tcp unlock ${HOST}`))).toMatch(/web-01 is unlocked/);
    expect(await people.told(BOB, () => people.says(BOB, `/tcp unlock ${HOST}`))).toMatch(/No change holds web-01/);
    await slack.until(({ homes }) => /Changes in progress: 1.*: on trial/.test(JSON.stringify(homes[BOB] ?? [])));
  });
});

it('a host whose journal is gone is let go by somebody who has looked, and nobody says that nothing was changed', async () => {
  const change = await people.proposes(ALICE);
  await people.presses(BOB, change, 'change:approve');
  await people.until('on trial');
  await root('rm -rf /var/lib/tcp-oncall');
  await people.presses(BOB, people.newest(), 'change:keep');
  await people.until('outcome unknown');
  expect(await people.told(ALICE, () => people.says(ALICE, `/tcp unlock ${HOST}`))).toMatch(/Only admins may do this/);
  expect(await people.told(BOB, () => people.says(BOB, `/tcp unlock ${HOST}`))).toMatch(/web-01 is unlocked/);
  await people.until('closed by hand');
  expect(words(people.newest() as Message)).not.toMatch(/nothing (?:is|was) changed/i);
  expect(buttonsOf(people.newest() as Message)).not.toContain('change:keep');
  expect(await people.told(BOB, () => people.says(BOB, `/tcp unlock ${HOST}`))).toMatch(/No change holds web-01/);
  await root(`echo 0 > /proc/sys/${REUSE}`);
});

describe('while Slack is slow to say who somebody is', () => {
  const slowly = () => slack.faults.rateLimit('users.info', { times: 1, retryAfter: 3 });

  it('a form is taken in time, and what it asked for comes later', async () => {
    const report = await people.checks(ALICE);
    const before = people.newest()?.ts;
    await people.opens(ALICE, report);
    slowly();
    expect(await people.submits(ALICE, { reason: 'checkout fails' })).toMatchObject({ ok: true });
    expect(slack.snapshot().modals[ALICE]).toBeUndefined();
    await slack.until(() => people.newest()?.ts !== before);
  });

  it('and what is refused after the form has closed is said privately', async () => {
    await people.presses(BOB, people.newest(), 'change:deny');
    await slack.until(({ modals }) => modals[BOB] !== undefined);
    await people.presses(ALICE, people.newest(), 'change:withdraw');
    await people.until('withdrawn');
    slowly();
    expect(await people.told(BOB, () => people.submits(BOB, { reason: 'no' }))).toMatch(/withdr/);
  });
});

describe('who may', () => {
  it('a guest, a stranger, an app and a person of no group get one private sentence each', async () => {
    const change = await people.proposes(ALICE);
    expect(await people.told(YUKI, () => people.presses(YUKI, change, 'change:approve'))).toMatch(
      /承認する権限がありません/,
    );
    for (const [user, sentence] of [
      ['U0GUEST', /Guests cannot/],
      ['U0OTHER', /this workspace only/],
    ] as const)
      expect(await people.told(user, () => people.presses(user, change, 'change:approve'))).toMatch(sentence);
    expect(await live()).toBe('0');
    await people.presses(ALICE, change, 'change:withdraw');
    await people.until('withdrawn');
    expect(buttonsOf(people.newest() as Message)).toEqual([]);
  });

  it('pressed ten times at once it is applied once', async () => {
    const change = await people.proposes(ALICE);
    await Promise.all(Array.from({ length: 10 }, () => people.presses(BOB, change, 'change:approve')));
    await people.until('on trial');
    const journal = await root(
      'ls -t /var/lib/tcp-oncall/changes | head -n 1 | xargs -I{} cat /var/lib/tcp-oncall/changes/{}/journal',
    );
    expect(journal.match(/ wrote /g)).toHaveLength(1);
  });

  it('denied with a reason: the card says who and why, and nothing works any more', async () => {
    const change = await people.proposes(ALICE);
    await people.presses(BOB, change, 'change:deny');
    await slack.until(({ modals }) => modals[BOB] !== undefined);
    await people.submits(BOB, { reason: 'not during the sale' });
    await people.until('denied');
    expect(words(people.newest() as Message)).toMatch(/not during the sale/);
    expect(await live()).toBe('0');
  });

  it('in an emergency one person applies it alone, loudly, and is asked about until another one has looked', async () => {
    await people.proposes(YUKI, { who: 'alone' });
    await people.until('試用中');
    expect(words(people.newest() as Message)).toMatch(/緊急適用/);
    expect(await live()).toBe('1');
    const loud = () => slack.snapshot().messages.filter(({ broadcast }) => broadcast);
    await slack.until(({ messages }) => messages.some(({ broadcast }) => broadcast));
    expect(loud()[0]?.pings).toEqual(['U0BOB', 'U0ALICE']);
    await remindNow();
    await slack.until(() => loud().length === 2);
    expect(words(loud()[1] as Message)).toMatch(/未確認の緊急適用/);
    expect(await people.told(YUKI, () => people.presses(YUKI, people.newest(), 'change:reviewed'))).toMatch(/承認/);
    await people.presses(BOB, people.newest(), 'change:reviewed');
    await slack.until(() => !buttonsOf(people.newest() as Message).includes('change:reviewed'));
    expect(words(people.newest() as Message)).toMatch(/事後確認/);
  });

  it('frozen: nothing is approved until somebody who may thaws; what is on trial may be kept, and not prolonged', async () => {
    const change = await people.proposes(ALICE);
    expect(await people.told(ALICE, () => people.says(ALICE, '/tcp freeze on'))).toMatch(/Only admins may do this/);
    await people.told(BOB, () => people.says(BOB, '/tcp freeze on'));
    expect(await people.told(BOB, () => people.presses(BOB, change, 'change:approve'))).toMatch(/are frozen/);
    await people.told(BOB, () => people.says(BOB, '/tcp freeze off'));
    await people.presses(BOB, change, 'change:approve');
    await people.until('on trial');
    await people.told(BOB, () => people.says(BOB, '/tcp freeze on'));
    const trial = people.newest();
    expect(await people.told(BOB, () => people.presses(BOB, trial, 'change:extend'))).toMatch(/are frozen/);
    await people.presses(BOB, trial, 'change:keep');
    await people.until('kept');
    await takesBack(people.newest() as Message);
    expect(await live()).toBe('0');
    await people.told(BOB, () => people.says(BOB, '/tcp freeze off'));
  });

  it('prolonged up to the longest trial of the rule, and no further', async () => {
    const change = await people.proposes(ALICE, { minutes: '11' });
    await people.presses(BOB, change, 'change:approve');
    await people.until('on trial');
    const trial = people.newest() as Message;
    const now = () => people.newest() as Message;
    const ends = (card: Message) =>
      Number(/"timestamp":(\d+)(?:(?!"timestamp").)* unless kept/.exec(JSON.stringify(card.blocks))?.[1]);
    await people.presses(BOB, trial, 'change:extend');
    await slack.until(() => ends(now()) > ends(trial) + 590 && buttonsOf(now()).includes('change:extend'));
    expect(await people.told(BOB, () => people.presses(BOB, trial, 'change:extend'))).toMatch(
      /longer than the policy allows/,
    );
  });
});

/** The hour until the first reminder is over. */
async function remindNow(): Promise<void> {
  const connection = new Redis(`${serve.stateDir}/redis/redis.sock`, { maxRetriesPerRequest: null });
  const queue = new Queue(CHANGES, { connection, prefix: QUEUE_PREFIX });
  try {
    const reminder = (await queue.getDelayed()).find(({ name }) => name === 'remind');
    if (reminder === undefined) throw new Error('No reminder is queued.');
    await reminder.promote();
  } finally {
    await queue.close();
    connection.disconnect();
  }
}

describe('asked for what is wrong', () => {
  beforeAll(() => people.checks(ALICE));

  it.each([
    ['tcp_tw_recycle', /drops clients that share an address/],
    ['net.ipv4.tcp_timestamps=0', /without tcp_timestamps/],
    ['tcp_fin_timeout', /does not shorten TIME_WAIT/],
    ['tcp_max_tw_buckets', /lower tcp_max_tw_buckets/],
    ['raise-tw-buckets', /No close skipped TIME_WAIT/],
  ])('/tcp fix web-01 %s says why not', async (word, sentence) => {
    expect(await people.told(ALICE, () => people.says(ALICE, `/tcp fix ${HOST} ${word}`))).toMatch(sentence);
  });
});
