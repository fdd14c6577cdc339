/** What a running container holds, looked at from outside of it. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { capture, podman } from './podman.ts';

/** Its first word is the root to look in, the others go to grep. grep ends with 1 where it found nothing, and xargs with 123. */
const LOOK = `cd "$1" && shift && find . \\( -path ./proc -o -path ./sys -o -path ./dev \\) -prune -o -type f -print0 |
  xargs -0 grep -aoFsH "$@" || [ $? = 123 ]`;

export type Secrets = Readonly<Record<string, string>>;

/** For each secret the files of a container that hold it, and its processes' environments and command lines that do. */
export async function holdersOf(container: string, secrets: Secrets): Promise<Record<string, readonly string[]>> {
  const pid = await pidOf(container);
  const patterns = Object.values(secrets).flatMap((secret) => ['-e', secret]);
  const files = await capture('sh', ['-c', LOOK, 'sh', `/proc/${pid}/root/`, ...patterns], { LC_ALL: 'C' });
  const processes = await processesOf(pid);
  const holders = (secret: string) => [
    ...files.split('\n').flatMap((line) => (line.endsWith(`:${secret}`) ? [line.slice(1, -secret.length - 1)] : [])),
    ...processes.flatMap(({ name, text }) => (text.includes(secret) ? [name] : [])),
  ];
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, holders(secret)]));
}

export async function pidOf(container: string): Promise<string> {
  return (await podman('inspect', '--format', '{{.State.Pid}}', container)).trim();
}

async function processesOf(pid: string): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const spaceOf = (process: string) => readlink(`/proc/${process}/ns/mnt`).catch(() => '');
  const space = await spaceOf(pid);
  const found = [];
  for (const other of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    if ((await spaceOf(other)) === space)
      for (const what of ['environ', 'cmdline'])
        found.push({
          name: `${what} of ${other}`,
          text: await readFile(`/proc/${other}/${what}`, 'utf8').catch(() => ''),
        });
  return found;
}

/** What comes of a TCP connection from inside: `connected`, or the error's code. */
export async function connectFrom(container: string, host: string, port: number): Promise<string> {
  const script = `const s=require('node:net').connect(${port},'${host}');
s.setTimeout(2000,()=>end('ETIMEDOUT')).on('connect',()=>end('connected')).on('error',(e)=>end(e.code));
function end(said){console.log(said);process.exit()}`;
  return (await podman('exec', container, 'node', '-e', script)).trim();
}
