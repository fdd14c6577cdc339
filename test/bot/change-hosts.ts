/** Hosts with one wrong switch each, and people who bring a change of it to any step, while bot and Redis may be killed. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONF } from '#lab/helper-on-host.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message, Snapshot } from '#local-slack/snapshot.ts';
import { startPrivateRedis } from '#store/private-redis.ts';
import { changeCards, fixButton } from './change-people.ts';
import { setUpForChanges } from './changes.ts';
import { slackEnvironment } from './environment.ts';
import { type GatedProgram, putGate } from './gate.ts';
import { buttonsOf, cardsOf } from './seen.ts';
import { type ServePlan, type ServeProcess, startServe } from './serve-process.ts';

/** Who asks, and who approves. */
const [ASKS, APPROVES] = ['U0ALICE', 'U0BOB'];
/** Who decides on the trial. */
export const DECIDES = 'U0YUKI';
const ONCALL = 'C0ONCALL';
const FIX = 'disable-abort-on-overflow';
const KEY = 'net.ipv4.tcp_abort_on_overflow';
const PROC = `/proc/sys/${KEY.replaceAll('.', '/')}`;
const CHANGES = '/var/lib/tcp-oncall/changes';
/** Many hosts at a time keep a machine busy, and a trial's minute passes besides. */
const PATIENCE_MS = 200_000;
const POLICY = {
  changes: {
    rules: [{ groups: ['*'], ask: 'members', approve: { users: [APPROVES, DECIDES] }, expires: '30m', revert: '10m' }],
  },
} as const;

/** What the card says, and what the host itself says. */
export interface Truth {
  /** Of the card's headline, what follows the host. */
  readonly card: string;
  readonly live: string;
  /** How often the helper wrote the key. */
  readonly wrote: number;
  /** The last word of the host's journal; empty when it knows of no change. */
  readonly last: string;
  /** What the next boot is told about the key. */
  readonly file: string;
}

/** On trial, and so it is until somebody decides. */
export const ON_TRIAL: Truth = { card: 'on trial', live: '0', wrote: 1, last: 'on-trial', file: '' };
export const KEPT: Truth = { card: 'kept', live: '0', wrote: 1, last: 'kept', file: `${KEY} = 0` };
/** Somebody pressed Revert. */
export const BACK: Truth = { card: 'reverted', live: '1', wrote: 1, last: 'reverted person', file: '' };
/** Nobody kept it in time. */
export const OVER: Truth = { ...BACK, last: 'reverted timer' };

export type ChangeHosts = Awaited<ReturnType<typeof openChangeHosts>>;

export async function openChangeHosts(name: string, hosts: number) {
  const dir = await mkdtemp(join(tmpdir(), 'change-hosts-'));
  const lab = await openLab({ name, hosts });
  const slack = await startLocalSlack({ patienceMs: 60_000 });
  let redis = await startPrivateRedis(dir);
  const running: ServeProcess[] = [];
  await Promise.all(lab.hosts.map((host) => breakHost(lab, host.name)));

  async function root(host: string, command: string, input = ''): Promise<string> {
    const { stdout, stderr, status } = await lab.exec(host, ['sh', '-c', command], { input, timeoutMs: PATIENCE_MS });
    if (status !== 0) throw new Error(`${host}: ${command}: ${stderr} (status ${status})`);
    return stdout.trim();
  }

  async function serve(roles: string, plan: Partial<ServePlan> = {}): Promise<ServeProcess> {
    const env = { REDIS_URL: redis.url, ...(roles.includes('slack') ? slackEnvironment(slack) : {}), ...plan.env };
    const config = { ...POLICY, ...plan.config };
    const started = await startServe({ hosts: lab.paths.config, roles, ...plan, config, env });
    running.push(started);
    return started;
  }

  const cardOf = (host: string, seen: Snapshot = slack.snapshot()): Message | undefined =>
    changeCards(seen)
      .filter(({ text }) => text.startsWith(`${host}: `))
      .at(-1);

  async function untilCard(host: string, says: string, withinMs = PATIENCE_MS): Promise<void> {
    await slack.until((seen) => cardOf(host, seen)?.text === `${host}: ${says}`, withinMs);
  }

  async function presses(user: string, message: Message | undefined, actionId: string | undefined): Promise<void> {
    if (message === undefined || actionId === undefined) throw new Error(`No message to press ${actionId} on.`);
    await slack.act(user, { kind: 'press', at: { channel: message.channel, message: message.ts }, actionId });
  }

  /** A form is one person's: the hosts are checked together, and proposed one after the other. */
  async function propose(all: readonly string[], minutes = '10'): Promise<void> {
    const reportOf = (host: string, seen: Snapshot) =>
      cardsOf(host, seen).find((card) => buttonsOf(card).includes('full-report'));
    for (const host of all) await slack.act(ASKS, { kind: 'type', channel: ONCALL, text: `/tcp check ${host} for 1s` });
    const seen = await slack.until((each) => all.every((host) => reportOf(host, each) !== undefined), PATIENCE_MS);
    for (const host of all) {
      const report = reportOf(host, seen);
      await presses(ASKS, report, fixButton(report, FIX));
      await slack.until(({ modals }) => modals[ASKS] !== undefined, PATIENCE_MS);
      const values = { reason: { reason: 'clients are reset' }, minutes: { minutes } };
      await slack.act(ASKS, { kind: 'submit', values });
      await untilCard(host, 'waiting for approval');
    }
  }

  async function truth(host: string): Promise<Truth> {
    const [live, journal, file] = await Promise.all([
      root(host, `cat ${PROC}`),
      root(host, `cat ${CHANGES}/*/journal 2>/dev/null | cut -d ' ' -f 2-`),
      root(host, `grep '^${KEY}' ${CONF} 2>/dev/null || :`),
    ]);
    const lines = journal.split('\n').map((line) => line.trim());
    return {
      card: cardOf(host)?.text.replace(`${host}: `, '') ?? '',
      live,
      wrote: lines.filter((line) => line.startsWith('wrote ')).length,
      last: lines.at(-1) ?? '',
      file,
    };
  }

  /** What was said in threads about this host. */
  function told(host: string): readonly string[] {
    const { messages } = slack.snapshot();
    return messages.filter(({ thread, text }) => thread !== null && text.includes(host)).map(({ text }) => text);
  }

  const approve = (host: string) => presses(APPROVES, cardOf(host), 'change:approve');
  const decide = (host: string, what: 'keep' | 'revert' | 'extend') => presses(DECIDES, cardOf(host), `change:${what}`);

  return {
    lab,
    root,
    serve,
    cardOf,
    untilCard,
    propose,
    approve,
    decide,
    truth,
    redisUrl: () => redis.url,
    /** What there is once the card says what `expected` says. */
    async ends(host: string, expected: Truth): Promise<Truth> {
      await untilCard(host, expected.card);
      return truth(host);
    },
    async untilTold(host: string, sentence: string): Promise<void> {
      await slack.until(() => told(host).some((text) => text.includes(sentence)), PATIENCE_MS);
    },
    async trial(host: string): Promise<void> {
      await approve(host);
      await untilCard(host, 'on trial');
    },
    async kept(host: string): Promise<void> {
      await approve(host);
      await untilCard(host, 'on trial');
      await decide(host, 'keep');
      await untilCard(host, 'kept');
    },
    /** Of what was kept: somebody wants the old values back. */
    async takeBack(host: string): Promise<void> {
      await presses(DECIDES, cardOf(host), 'change:take-back');
      await untilCard(host, 'revert waiting for approval');
    },
    /** SIGKILL, as the kernel does when memory is short. */
    async killRedis(): Promise<void> {
      process.kill(redis.pid, 'SIGKILL');
      await redis.ended;
    },
    async startRedis(): Promise<void> {
      redis = await startPrivateRedis(dir);
    },
    /** A trial is a minute at least, which is long for a test: the host is told that its time is over in two seconds. */
    async shortenTrial(host: string): Promise<void> {
      await root(host, `cd ${CHANGES}/* && cut -d. -f1 /proc/uptime | awk '{ print $1 + 2 }' >sooner && mv sooner due`);
    },
    live: (host: string) => root(host, `cat ${PROC}`),
    /** What the helper does there waits, once. */
    gate: (host: string, path: string, when: GatedProgram['when']) =>
      putGate((command, input) => root(host, command, input), { path, when }),
    /** SIGKILL for what sshd began, and for the sshd that serves it, so that neither says a last word. */
    killSession: (host: string, session: number) =>
      root(host, `sshd=$(ps -o ppid= -p ${session}) && kill -9 $sshd && pkill -9 -s ${session}`),
    async close(): Promise<void> {
      await Promise.all(running.map(({ stop }) => stop()));
      await Promise.all([slack.stop(), redis.stop(), lab.close()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function breakHost(lab: Lab, host: string): Promise<void> {
  await setUpForChanges(lab, host);
  await lab.sysctl(host, { [KEY]: '1' });
}

/** Resolves when it has written this to its log. */
export async function untilSaid({ child, output }: ServeProcess, pattern: RegExp): Promise<void> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('Its output goes elsewhere.');
  while (!pattern.test(output())) await Promise.race([once(stdout, 'data'), once(stderr, 'data')]);
}
