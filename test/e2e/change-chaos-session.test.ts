/** Changes of real hosts while the session on the host is killed, or its link cut: the host undoes what was not finished. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BACK, type ChangeHosts, OVER, openChangeHosts, type Truth } from '../bot/change-hosts.ts';
import { expectEnd, expectKeptByWhoSaidSo, expectWholeRecord } from './change-ends.ts';

/** The helper writes a value, and a file, with these. */
const [WRITES, FILES] = ['/usr/local/sbin/dd', '/usr/local/sbin/sync'];
/** What it knows of a change it replaces with this. */
const JOURNALS = '/usr/local/sbin/mv';
/** Many hosts at a time keep a machine busy. */
const LOOKING = { interval: 500 };
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** What was begun was undone. */
const UNDONE = { ...BACK, wrote: 0, last: 'reverted interrupted' };

let stage: ChangeHosts;

beforeAll(async () => {
  stage = await openChangeHosts('chaossession', 6);
  await stage.serve('slack,worker,web', {
    config: { ssh: { knownHosts: stage.lab.paths.knownHosts, agent: false, readyTimeout: '10s' } },
  });
});
afterAll(() => stage?.close());

const ends = (host: string, truth: Truth) => expectEnd(stage, host, truth);

describe('the session on the host is killed', () => {
  const [cut, before, after, keeps, reverts, prolonged] = [
    'web-01',
    'db-01',
    'api-01',
    'lb-01',
    'nat-01',
    'cache-01',
  ] as const;

  beforeAll(async () => {
    await stage.propose([cut, before, after, keeps, reverts, prolonged]);
    await Promise.all([stage.trial(keeps), stage.trial(reverts), stage.trial(prolonged)]);
    const at = await Promise.all([
      stage.gate(before, WRITES, 'before'),
      stage.gate(after, WRITES, 'after'),
      stage.gate(keeps, FILES, 'before'),
      stage.gate(reverts, WRITES, 'after'),
    ]);
    const written = await stage.gate(cut, WRITES, 'after');
    await Promise.all([
      stage.approve(cut),
      stage.approve(before),
      stage.approve(after),
      stage.decide(keeps, 'keep'),
      stage.decide(reverts, 'revert'),
    ]);
    await written.reached();
    await stage.root(cut, 'ip link set eth0 down');
    await written.open();
    const sessions = await Promise.all(at.map(({ reached }) => reached()));
    await Promise.all(
      [before, after, keeps, reverts].map((host, index) => stage.killSession(host, sessions[index] ?? 0)),
    );
  });

  it('before it was written: nothing is left of it', () => ends(before, UNDONE));
  it('when it was written: it is undone', () => ends(after, UNDONE));
  it('while it is kept: it is kept, by who said so', () => expectKeptByWhoSaidSo(stage, keeps));
  it('while it is reverted: it is reverted', () => ends(reverts, BACK));

  it('the link is cut when it was written: the host goes back by itself, and the thread says so once it is there again', async () => {
    await expect.poll(() => stage.truth(cut), LOOKING).toMatchObject({ live: '0', last: 'on-trial' });
    await stage.shortenTrial(cut);
    await expect.poll(() => stage.live(cut), LOOKING).toBe('1');
    await stage.untilCard(cut, 'outcome unknown');
    await stage.root(cut, 'ip link set eth0 up');
    await ends(cut, OVER);
    await stage.untilTold(cut, 'Not kept before the deadline, so the host reverted it automatically');
  });

  it('prolonged in its last moment, it goes back by itself all the same', async () => {
    const journals = await stage.gate(prolonged, JOURNALS, 'before');
    await stage.decide(prolonged, 'extend');
    await journals.reached();
    await stage.shortenTrial(prolonged);
    const timerWaits = () => stage.root(prolonged, 'pgrep -x flock || :');
    await expect.poll(timerWaits, LOOKING).not.toBe('');
    await journals.open();
    await expect.poll(timerWaits, LOOKING).toBe('');
    expect(await stage.truth(prolonged)).toMatchObject({
      live: '0',
      last: expect.stringMatching(/^extended to 1\d{3} s$/),
    });
    await stage.shortenTrial(prolonged);
    await expect.poll(() => stage.live(prolonged), LOOKING).toBe('1');
  });
});

it('the record is whole', () => expectWholeRecord(stage));
