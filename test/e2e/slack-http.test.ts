/** Over HTTP instead of Socket Mode: what is signed and of this moment goes in, once; nothing else does. */
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SignedRequest, signRequest } from '#local-slack/http-delivery.ts';
import { cardsOf, repliesOf, words } from '../bot/seen.ts';
import { ALICE, openDesk, type SlackDesk } from '../bot/slack-desk.ts';

let desk: SlackDesk;
beforeAll(async () => {
  desk = await openDesk({ mode: 'http', replicas: 1 });
});
afterEach(() => desk.slack.faults.skewClock(0));
afterAll(() => desk.close());

const MINUTE = 60_000;
const COMMAND = { command: '/tcp', text: 'check fleet-09', user_id: ALICE, channel_id: 'C0ONCALL', team_id: 'T0LOCAL' };

function send({ headers, body }: SignedRequest, method = 'POST'): Promise<Response> {
  return fetch(desk.requestUrl, { method, headers, ...(method === 'POST' && { body }) });
}

function signedAt(ms: number, secret: string = desk.slack.tokens.signingSecret): SignedRequest {
  return signRequest('slash_commands', { ...COMMAND, trigger_id: `1.${ms}` }, secret, ms);
}

describe('what Slack sends', () => {
  it('a command becomes a card, a button is pressed, a mention is answered', async () => {
    expect(await desk.says(ALICE, '/tcp check web-01')).toMatchObject({ ok: true });
    const seen = await desk.untilEnded('web-01');
    expect(await desk.presses(ALICE, cardsOf('web-01', seen)[0], 'check-again')).toMatchObject({ ok: true });
    await desk.untilEnded('web-01', 2);
    await desk.says(ALICE, '@tcp-oncall check web-02');
    expect(repliesOf('web-02', await desk.untilEnded('web-02'))).toHaveLength(1);
  });

  it('delivered three times is one run and one card', async () => {
    desk.slack.faults.deliver({ copies: 3 });
    try {
      await desk.says(ALICE, '/tcp check web-03');
      await desk.says(ALICE, '@tcp-oncall check fleet-04');
    } finally {
      desk.slack.faults.deliver({ copies: 1 });
    }
    for (const host of ['web-03', 'fleet-04']) {
      expect(cardsOf(host, await desk.untilEnded(host))).toHaveLength(1);
      expect(desk.hosts.runsOf(host)).toBe(1);
    }
  });

  it('its question whether this is the right address is answered', async () => {
    const question = { type: 'url_verification', challenge: 'three-words-here' };
    const answer = await send(signRequest('events_api', question, desk.slack.tokens.signingSecret, Date.now()));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('three-words-here')]);
  });

  it('with a clock that is half a minute off is taken', async () => {
    for (const [seconds, host] of [
      [30, 'fleet-05'],
      [-30, 'fleet-06'],
    ] as const) {
      desk.slack.faults.skewClock(seconds);
      expect(await desk.says(ALICE, `/tcp check ${host}`)).toMatchObject({ ok: true });
      await desk.untilEnded(host);
    }
  });

  it('with a clock that is ten minutes off is refused, and the person hears from Slack that it failed', async () => {
    for (const seconds of [600, -600]) {
      desk.slack.faults.skewClock(seconds);
      expect(await desk.says(ALICE, '/tcp check fleet-07')).toMatchObject({ ok: false, error: 'dispatch_failed' });
    }
    expect(desk.hosts.runsOf('fleet-07')).toBe(0);
  });
});

describe('what somebody else sends', () => {
  it('the same request again is answered, and nothing is done', async () => {
    await desk.says(ALICE, '/tcp check fleet-08');
    await desk.untilEnded('fleet-08');
    const recorded = desk.slack.sent.at(-1);
    if (recorded === undefined) throw new Error('Nothing was sent.');
    expect((await send(recorded)).status).toBe(200);
    // Once another question is answered, the copy has been dealt with.
    const answers = await desk.told(ALICE, () => desk.says(ALICE, '/tcp help'));
    expect(answers.map(words)).toEqual([expect.stringContaining('/tcp check')]);
    expect(cardsOf('fleet-08', desk.slack.snapshot())).toHaveLength(1);
    expect(desk.hosts.runsOf('fleet-08')).toBe(1);
  });

  it.each([
    ['signed with another secret', () => signedAt(Date.now(), 'not-the-secret')],
    ['changed after it was signed', () => ({ ...signedAt(Date.now()), body: 'command=%2Ftcp&text=check+fleet-09' })],
    ['without a signature', () => withoutHeader('x-slack-signature')],
    ['without a time', () => withoutHeader('x-slack-request-timestamp')],
    ['six minutes old', () => signedAt(Date.now() - 6 * MINUTE)],
    ['two minutes from the future', () => signedAt(Date.now() + 2 * MINUTE)],
  ])('%s goes no further', async (_, request) => {
    expect((await send(request())).status).toBe(401);
    expect(desk.hosts.runsOf('fleet-09')).toBe(0);
    expect(cardsOf('fleet-09', desk.slack.snapshot())).toEqual([]);
  });

  it.each([
    ['application/json', 'null'],
    ['application/x-www-form-urlencoded', 'payload=null'],
  ])('%s that says %s is refused, and the bot goes on', async (type, body) => {
    const time = String(Math.floor(Date.now() / 1000));
    const digest = createHmac('sha256', desk.slack.tokens.signingSecret).update(`v0:${time}:${body}`).digest('hex');
    const headers = {
      'content-type': type,
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${digest}`,
    };
    expect((await send({ headers, body })).status).toBe(400);
    const answers = await desk.told(ALICE, () => desk.says(ALICE, '/tcp help'));
    expect(answers.map(words)).toEqual([expect.stringContaining('/tcp check')]);
  });

  it('another path or another method finds nothing', async () => {
    expect((await send(signedAt(Date.now()), 'GET')).status).toBe(404);
    expect((await fetch(desk.requestUrl.replace('events', 'install'), { method: 'POST' })).status).toBe(404);
  });
});

describe('a long body', () => {
  const LONGEST = 720_000;

  it('is taken when Slack can have sent it', async () => {
    const long = signRequest(
      'slash_commands',
      { ...COMMAND, text: 'help', filler: 'x'.repeat(LONGEST), trigger_id: `1.${Date.now()}` },
      desk.slack.tokens.signingSecret,
      Date.now(),
    );
    expect((await send(long)).status).toBe(200);
  });

  it.each([
    ['not signed', () => withoutHeader('x-slack-signature'), 'content-length: 4000000', 401],
    ['with any word for a signature', () => withHeader('x-slack-signature', 'v0=x'), 'content-length: 4000000', 401],
    ['not of this moment', () => signedAt(Date.now() - 6 * MINUTE), 'content-length: 4000000', 401],
    ['longer than Slack sends', () => signedAt(Date.now()), 'content-length: 4000000', 413],
  ] as const)('%s is refused before it comes, and its connection is closed', async (_, request, length, status) => {
    const { socket, said } = openRequest(request(), length);
    expect(await said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(socket.destroyed).toBe(true);
  });

  it('that does not say how long it is is cut off where Slack would have ended', async () => {
    const { socket, said } = openRequest(signedAt(Date.now()), 'transfer-encoding: chunked');
    const chunk = 'x'.repeat(100_000);
    for (let sent = 0; sent < 11; sent++) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    expect(await said).toMatch(/^HTTP\/1.1 413 /);
  });
});

/** Sends the head of a request and nothing of its body; `said` is what was answered until the other side closed. */
function openRequest({ headers }: SignedRequest, length: string) {
  const { hostname, port, pathname } = new URL(desk.requestUrl);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: bot\r\n${lines.join('')}${length}\r\n\r\n`);
  const said = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(text));
  });
  return { socket, said };
}

function withoutHeader(name: string): SignedRequest {
  const { headers, body } = signedAt(Date.now());
  return { body, headers: Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name)) };
}

function withHeader(name: string, value: string): SignedRequest {
  const { headers, body } = signedAt(Date.now());
  return { body, headers: { ...headers, [name]: value } };
}
