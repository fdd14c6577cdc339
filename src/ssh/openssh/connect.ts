/** Opens a connection by the system's ssh: docs/decisions/0013. */
import { symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionFailure } from '#domain/command.ts';
import type { Host, Transport } from '#domain/host.ts';
import { groupGone } from '#signal-group.ts';
import { type Connection, ENDINGS, HANG_UP_WITHIN_MS } from '../connection.ts';
import { fingerprint } from '../host-key.ts';
import { readKnownHosts } from '../read-known-hosts.ts';
import { createSlots } from '../slots.ts';
import { unattended } from '../unattended.ts';
import { createChannels } from './channels.ts';
import { enterProxyMode, type Proxied, terminate } from './control.ts';
import { type Log, openLog } from './log.ts';
import { makePipes, type Started, startMaster } from './master.ts';
import { methodIn } from './method.ts';
import { makePrivateDir, type PrivateDir } from './private-dir.ts';
import { proxyTrouble } from './proxy-trouble.ts';
import { canBeQuoted, commandLine, configText, type SshFiles } from './ssh-config.ts';
import { failureIn, hostKeyIn, lostIn, type RevokedAt, type Said } from './verdict.ts';

export interface OpensshOptions {
  /** SSH_AUTH_SOCK, where an agent may be asked. */
  readonly agentSocket: string | undefined;
  readonly readyTimeoutMs: number;
  readonly sessions: number;
}

type ByOpenssh = Extract<Transport, { kind: 'openssh' }>;
type Opened = Connection | ConnectionFailure;

/** What a connection needs on this machine for as long as it lasts. */
interface Place {
  readonly dir: PrivateDir;
  readonly files: SshFiles;
  /** The person's own ssh_config files by the names that ssh was told. */
  readonly theirs: ReadonlyMap<string, string>;
  readonly stderr: string;
  readonly log: Log;
  readonly proxyLog: Log;
}

export async function connectByOpenssh(
  host: Host,
  transport: ByOpenssh,
  options: OpensshOptions,
  signal: AbortSignal,
): Promise<Opened> {
  const revokedAt = await readRevocations(transport.knownHosts);
  if (typeof revokedAt !== 'function') return revokedAt;
  const place = await prepare(transport, options).catch((error: unknown) => unprepared(error));
  if ('kind' in place) return place;
  const deadline = performance.now() + options.readyTimeoutMs;
  const opened = await logIn(host, transport, options, place, revokedAt, signal, deadline).catch((error: unknown) => {
    leave(place);
    throw error;
  });
  if (opened.kind !== 'connected') leave(place);
  return opened;
}

function leave({ dir, log, proxyLog }: Place): void {
  log.close();
  proxyLog.close();
  dir.remove();
}

/** ssh passes over a known_hosts file that it cannot read; we do not, where we know which ones there are. */
async function readRevocations(files: readonly string[] = []): Promise<RevokedAt | ConnectionFailure> {
  const odd = files.find((file) => !canBeQuoted(file));
  if (odd !== undefined) return { kind: 'known-hosts-unreadable', why: `ssh cannot be told of a file named ${odd}` };
  const known = await readKnownHosts(files);
  if (known.kind === 'unreadable') return { kind: 'known-hosts-unreadable', why: known.why };
  return (shown) => known.keys.find(({ use, key }) => use === 'revoked' && fingerprint(key) === shown)?.at;
}

async function prepare({ config, knownHosts }: ByOpenssh, options: OpensshOptions): Promise<Place> {
  const dir = await makePrivateDir(process.env['XDG_RUNTIME_DIR']);
  try {
    const path = (name: string) => join(dir.path, name);
    const configs = config === undefined ? [join(homedir(), '.ssh', 'config'), '/etc/ssh/ssh_config'] : [config];
    // Under names that ssh_config takes as they are, whatever theirs are.
    const theirs = new Map(configs.map((file, index) => [path(`ssh_config.${index}`), file]));
    const files: SshFiles = {
      ...{ config: path('config'), control: path('control'), log: path('log') },
      ...{ theirs: [...theirs.keys()], knownHosts },
    };
    const stderr = path('stderr');
    await Promise.all([
      makePipes([files.log, stderr]),
      writeFile(files.config, configText(files, options.agentSocket !== undefined), { mode: 0o600 }),
      ...[...theirs].map(([name, file]) => symlink(file, name)),
    ]);
    return { dir, files, theirs, stderr, log: openLog(files.log), proxyLog: openLog(stderr) };
  } catch (error) {
    dir.remove();
    throw error;
  }
}

function unprepared(error: unknown): ConnectionFailure {
  const { code = error, path = 'mkfifo' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return { kind: 'ssh-unfit', why: `ssh has no place here for its control socket: ${String(path)} (${String(code)})` };
}

async function logIn(
  host: Host,
  transport: ByOpenssh,
  options: OpensshOptions,
  place: Place,
  revokedAt: RevokedAt,
  signal: AbortSignal,
  deadline: number,
): Promise<Opened> {
  const { files, stderr, log, proxyLog } = place;
  const started = await startMaster({
    args: commandLine(host, transport.options, files),
    env: environment(options.agentSocket),
    stderr,
    withinMs: deadline - performance.now(),
    signal,
  });
  await Promise.all([log.settled(), proxyLog.settled()]);
  const { ssh, proxy } = saidIn(place);
  if (started === 'failed' || started === 'too-late') {
    const trouble = host.jump.length > 0 ? undefined : proxyTrouble(ssh, proxy, started === 'too-late');
    if (trouble !== undefined) return trouble;
  }
  if (started === 'failed') return failureIn({ ssh, proxy }, host, revokedAt);
  // It may have been on its way to the background.
  if (started !== 'logged-in') {
    terminate(files.control);
    return NOT_BEGUN[started](options.readyTimeoutMs / 1000);
  }
  const hostKey = log.isCut() ? undefined : hostKeyIn(log.text());
  const master = await enterProxyMode(files.control, deadline - performance.now());
  if (hostKey === undefined || master === undefined || signal.aborted) {
    terminate(files.control);
    if (master !== undefined) await end(master, files.control);
    return NOT_BEGUN[hostKey === undefined ? 'no-key' : 'given-up'](0);
  }
  const method = methodIn(log.text());
  log.forget();
  proxyLog.forget();
  return watch(master, { hostKey, method }, place, options.sessions);
}

/** With the files named as the person knows them. */
function saidIn({ log, proxyLog, theirs }: Place): Said {
  const named = (text: string) => [...theirs].reduce((said, [name, file]) => said.replaceAll(name, file), text);
  return { ssh: named(log.text()), proxy: named(proxyLog.text()) };
}

type NotBegun = Exclude<Started, 'logged-in' | 'failed'> | 'no-key';

const NOT_BEGUN: Readonly<Record<NotBegun, (seconds: number) => ConnectionFailure>> = {
  'too-late': (seconds) => ({ kind: 'unreachable', why: `no SSH login within ${seconds} s` }),
  'given-up': () => ({ kind: 'connection-lost', why: 'the connection was given up' }),
  'no-ssh': () => ({ kind: 'no-ssh' }),
  'no-key': () => ({ kind: 'connection-lost', why: 'ssh does not say clearly which key the host showed' }),
};

function environment(agentSocket: string | undefined): NodeJS.ProcessEnv {
  const { SSH_AUTH_SOCK: _, ...mine } = unattended(process.env);
  const agent = agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket };
  return { ...mine, ...agent, LC_ALL: 'C' };
}

function watch(
  master: Proxied,
  login: Pick<Connection, 'hostKey' | 'method'>,
  place: Place,
  sessions: number,
): Connection {
  const channels = createChannels(master.send);
  let lost: string | undefined;
  master.listen(channels.take);
  const closed = master.closed.then(async () => {
    // What it said last is still on its way to us.
    await place.log.settled();
    lost = lostIn(place.log.text());
    channels.end();
    // One that still lives has lost us over what the host sent.
    terminate(place.files.control);
    leave(place);
  });

  async function hangUp(): Promise<void> {
    await end(master, place.files.control);
    await closed;
  }

  return {
    kind: 'connected',
    ...login,
    openChannel: channels.open,
    slots: createSlots(sessions),
    endings: createSlots(ENDINGS),
    lost: () => lost,
    hangUp,
    closed,
  };
}

/** While the connection to it is open, its process id is its own. In the background, it leads a group. */
async function end({ pid, closed, destroy }: Proxied, control: string): Promise<void> {
  terminate(control);
  const timer = setTimeout(() => {
    if (pid > 1) process.kill(pid, 'SIGKILL');
    destroy();
  }, HANG_UP_WITHIN_MS);
  await closed;
  clearTimeout(timer);
  await groupGone(pid, HANG_UP_WITHIN_MS);
}
