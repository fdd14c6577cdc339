/** A host that builds kernels: a sshd on loopback with an account of its own, whose builder has the small kernel's source and objects. Needs root. */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '#lab/command.ts';
import { type LocalSshd, startSshd } from '#lab/local-sshd.ts';

export interface Builder extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `type base64` of its host key. */
  readonly hostKey: string;
  readonly identity: string;
  readonly home: string;
  /** Ends every connection, as a network that fails does. */
  readonly cutConnections: () => Promise<void>;
  /** How often somebody has logged in. */
  readonly logins: () => number;
}

const USER = 'builder';
const ID = 2101;
/** Accounts as they are on a machine that builds; this machine's own stay as they are. */
const OWN_ACCOUNTS =
  'for file in passwd group shadow; do mount --bind "$0/$file" "/etc/$file" || exit; done; exec "$@"';

/** `kernels`: the directory that bin/small-kernel made. */
export async function startBuilder(kernels: string): Promise<Builder> {
  const dir = await mkdtemp(join(tmpdir(), 'builder-'));
  // Of its account alone is the home, not the way there.
  await chmod(dir, 0o755);
  const home = join(dir, 'home');
  await mkdir(home, { mode: 0o700 });
  await chown(home, ID, ID);
  await Promise.all([layTrees(await realpath(kernels), join(home, '.tcp-oncall/kernel')), writeAccounts(dir, home)]);
  const sshd = await startSshd({
    config: [`SetEnv HOME=${home}`, 'PermitRootLogin no', `AllowUsers ${USER}`],
    sftp: `internal-sftp -d ${home}`,
    through: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', OWN_ACCOUNTS, dir],
  });
  // sshd reads it with the account's own rights.
  await chmod(sshd.dir, 0o755);
  await chmod(join(sshd.dir, 'authorized_keys'), 0o644);
  return builderOf(sshd, home, dir);
}

async function builderOf(sshd: LocalSshd, home: string, dir: string): Promise<Builder> {
  return {
    address: '127.0.0.1',
    port: sshd.port,
    user: USER,
    hostKey: await sshd.hostKey(),
    identity: sshd.identity,
    home,
    async cutConnections() {
      for (const pid of await sshd.children()) process.kill(pid, 'SIGKILL');
    },
    logins: () => sshd.log().match(/Accepted publickey/g)?.length ?? 0,
    async [Symbol.asyncDispose]() {
      await sshd.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function writeAccounts(dir: string, home: string): Promise<void> {
  const [passwd, group] = await Promise.all(['/etc/passwd', '/etc/group'].map((file) => readFile(file, 'utf8')));
  await Promise.all([
    writeFile(join(dir, 'passwd'), `${passwd}${USER}:x:${ID}:${ID}::${home}:/bin/sh\n`),
    writeFile(join(dir, 'group'), `${group}${USER}:x:${ID}:\n`),
    writeFile(join(dir, 'shadow'), `root:*:19000::::::\n${USER}:*:19000::::::\n`, { mode: 0o600 }),
  ]);
}

/** Copies that the account owns, at which make finds nothing to do: objects name their source by its path. */
async function layTrees(kernels: string, place: string): Promise<void> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  // Files of the source are the cache's own, which the account can replace and not write to.
  await must(['cp', '-a', '--link', join(kernels, 'sources'), place]).catch(() =>
    must(['cp', '-a', join(kernels, 'sources'), place]),
  );
  await must(['cp', '-a', join(kernels, 'objects'), place]);
  await must(['find', place, join(place, '..'), '-maxdepth', '0', '-exec', 'chown', `${ID}:${ID}`, '{}', '+']);
  await must(['find', join(place, 'sources'), '-type', 'd', '-exec', 'chown', `${ID}:${ID}`, '{}', '+']);
  await must(['chown', '-R', `${ID}:${ID}`, join(place, 'objects')]);
  await moveNames(kernels, place);
}

async function moveNames(kernels: string, place: string): Promise<void> {
  const objects = join(place, 'objects');
  const named = await must([
    'grep',
    '-rlIF',
    '--include=*.cmd',
    '--include=*.d',
    '--include=Makefile',
    kernels,
    objects,
  ]);
  for (const file of named.split('\n').filter(Boolean)) await moveNamesIn(file, kernels, place);
  for (const link of (await must(['find', objects, '-maxdepth', '2', '-name', 'source'])).split('\n').filter(Boolean)) {
    const to = (await realpath(link)).replace(kernels, place);
    await rm(link);
    await symlink(to, link);
  }
}

/** Its time stays, by which make knows that it is new enough. */
async function moveNamesIn(file: string, kernels: string, place: string): Promise<void> {
  const { atime, mtime } = await lstat(file);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(kernels, place));
  await utimes(file, atime, mtime);
}
