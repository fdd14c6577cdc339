/** A real host that runs out of ports, a bot with its own Redis, and people in Slack who change the host or try to. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { AuditRecord } from '#change/audit.ts';
import { type Lab, openLab } from '#lab/lab.ts';
import { type LocalSlack, startLocalSlack } from '#local-slack/local-slack.ts';
import type { Message } from '#local-slack/snapshot.ts';
import { createAuditTrail } from '#store/audit-trail.ts';
import { startPrivateRedis } from '#store/private-redis.ts';
import { cli } from '../e2e/cli-process.ts';
import { type ChangePeople, createChangePeople } from './change-people.ts';
import { exhaustPorts, POLICY, setUpForChanges } from './changes.ts';
import { slackEnvironment } from './environment.ts';
import { type ServeProcess, startServe } from './serve-process.ts';

export const [ALICE, BOB, YUKI] = ['U0ALICE', 'U0BOB', 'U0YUKI'];
export const HOST = 'web-01';
export const FIX = 'reuse-time-wait-ports';

export interface ChangeScene {
  readonly lab: Lab;
  readonly slack: LocalSlack;
  readonly serve: ServeProcess;
  readonly people: ChangePeople;
  /** The host's value that the change is about. */
  readonly live: () => Promise<string>;
  /** A line of sh on the host. */
  readonly root: (command: string, input?: string) => Promise<string>;
  /** Proposes the fix from the check that was made in the beginning. */
  readonly proposes: (user: string, values?: Readonly<Record<string, string>>) => Promise<Message>;
  /** Opens the form of the fix, and leaves it open. */
  readonly opensForm: (user: string) => Promise<void>;
  /** What `tcp-oncall audit export` prints. */
  readonly exported: () => Promise<string>;
  readonly trail: () => Promise<readonly AuditRecord[]>;
  readonly close: () => Promise<void>;
}

/** Two hosts, one check of the first; the fault lasts ten minutes. */
export async function openChangeScene(name: string): Promise<ChangeScene> {
  const dir = await mkdtemp(join(tmpdir(), 'change-scene-'));
  const [lab, slack, redis] = await Promise.all([
    openLab({ name, hosts: 2 }),
    startLocalSlack(),
    startPrivateRedis(dir),
  ]);
  await setUpForChanges(lab, HOST);
  await exhaustPorts(lab, HOST, 'db-01', 600);
  const env = { REDIS_URL: redis.url, ...slackEnvironment(slack) };
  const serve = await startServe({ hosts: lab.paths.config, config: POLICY, env });
  await slack.until(({ connected }) => connected);
  const reader = new Redis(redis.url.replace(/^unix:\/\//, ''));
  const people = createChangePeople(slack, HOST, FIX);
  const check = await people.checks(ALICE);

  async function root(command: string, input = ''): Promise<string> {
    return (await lab.exec(HOST, ['sh', '-c', command], { input })).stdout.trim();
  }

  async function exported(): Promise<string> {
    const { stdout } = await cli(['audit', 'export', '--config', lab.paths.config], { env: { REDIS_URL: redis.url } });
    return stdout;
  }

  return {
    lab,
    slack,
    serve,
    people,
    root,
    live: () => root('cat /proc/sys/net/ipv4/tcp_tw_reuse'),
    opensForm: (user) => people.opens(user, check),
    proposes: (user, values) => people.asks(user, check, values),
    exported,
    async trail() {
      const records: AuditRecord[] = [];
      for await (const portion of createAuditTrail(reader).records()) records.push(...portion);
      return records;
    },
    async close() {
      reader.disconnect();
      await serve.stop();
      await Promise.all([slack.stop(), redis.stop(), lab.close()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
