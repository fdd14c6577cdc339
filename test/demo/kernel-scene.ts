/** What the demo of kernel builds stands on: two machines that really boot, a host that builds, a local Slack, and the bot. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { must } from '#lab/command.ts';
import { startLocalSlack } from '#local-slack/local-slack.ts';
import { slackEnvironment } from '../bot/environment.ts';
import { startServe } from '../bot/serve-process.ts';
import { type Builder, startBuilder } from '../guest/builder.ts';
import { type Guest, startGuest } from '../guest/guest.ts';
import { setUpGuest } from '../guest/set-up-guest.ts';
import type { Scene } from './scene.ts';

export interface KernelScene extends Scene {
  readonly builder: Builder;
  /** What bin/small-kernel made. */
  readonly kernels: string;
}

export interface KernelSceneSteps {
  readonly guests: () => void;
  readonly bot: () => void;
}

/** Anybody asks, bob and alice approve; a trial waits long enough for a slow machine. */
const POLICY = {
  changes: {
    rules: [
      {
        groups: ['*'],
        kinds: ['kernel'],
        ask: 'members',
        approve: { users: ['U0BOB', 'U0ALICE'] },
        revert: '20m',
      },
    ],
    kernel: { builder: 'builder-01' },
    admins: { users: ['U0BOB'] },
  },
} as const;

const CONFIG = '/boot/config-6.1.192';
/** Without it the new kernel cannot read its disk, and panics. */
const DISK_DRIVER = 'CONFIG_EXT2_FS';

/** What was started is taken down again when the next part does not start. `port` 0 = any free one. */
export async function setKernelScene(port: number, say: KernelSceneSteps): Promise<KernelScene> {
  const started: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  const opened = <T extends AsyncDisposable>(resource: T): T => {
    started.push(async () => resource[Symbol.asyncDispose]());
    return resource;
  };
  try {
    say.guests();
    const guests = [opened(await startGuest()), opened(await startGuest())] as const;
    const builder = opened(await startBuilder(guests[0].kernels));
    for (const guest of guests) await setUpGuest(guest);
    await withoutDisk(guests[1], builder);
    const hosts = await writeHosts(guests, builder, started);
    const slack = await startLocalSlack({ port });
    started.push(slack.stop);
    say.bot();
    const bot = await startServe({ hosts, config: POLICY, env: slackEnvironment(slack) });
    started.push(bot.stop);
    await slack.until(({ connected }) => connected);
    return { slack, bot, builder, kernels: guests[0].kernels, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Somebody has trimmed the configuration of the second machine. Its builder has objects for that too, so that little is left to do. */
async function withoutDisk(guest: Guest, { home }: Builder): Promise<void> {
  const read = async () => (await guest.exec('root', `cat ${CONFIG}`)).stdout;
  const before = await read();
  await guest.exec('root', `sed -i 's/^${DISK_DRIVER}=y/# ${DISK_DRIVER} is not set/' ${CONFIG}`);
  const after = await read();
  const objects = join(home, '.tcp-oncall/kernel/objects');
  for (const name of (await readdir(objects)).filter((each) => each.endsWith(keyOf(before))))
    await must(['cp', '-a', join(objects, name), join(objects, name.replace(keyOf(before), keyOf(after)))]);
}

/** By which a builder names its objects. */
function keyOf(config: string): string {
  return createHash('sha256').update(config).digest('hex').slice(0, 12);
}

/** A tcp-oncall.yaml with the three hosts, whose keys are known. */
async function writeHosts(
  [web, trimmed]: readonly [Guest, Guest],
  builder: Builder,
  started: (() => Promise<unknown>)[],
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'kernel-demo-'));
  started.push(() => rm(dir, { recursive: true, force: true }));
  const known = [web, trimmed, builder].map(({ address, port, hostKey }) => `[${address}]:${port} ${hostKey}\n`);
  await writeFile(join(dir, 'known_hosts'), known.join(''));
  const guest = ({ address, port, identity }: Guest) => ({ address, port, user: 'ops', identityFile: identity('ops') });
  const { address, port, user, identity } = builder;
  const hosts = {
    'web-01': guest(web),
    'web-02': guest(trimmed),
    'builder-01': { address, port, user, identityFile: identity },
  };
  const file = join(dir, 'tcp-oncall.yaml');
  await writeFile(file, stringify({ hosts, ssh: { knownHosts: join(dir, 'known_hosts') } }));
  await chmod(dir, 0o755);
  return file;
}
