/** The keys known from several known_hosts files. A file that is not there knows none; one that cannot be read stops us. */
import { readFile } from 'node:fs/promises';
import { type KnownHosts, type KnownKey, parseKnownHosts } from './known-hosts.ts';

export async function readKnownHosts(files: readonly string[]): Promise<KnownHosts> {
  const all = await Promise.all(files.map(readOne));
  const keys: KnownKey[] = [];
  for (const known of all) {
    if (known.kind === 'unreadable') return known;
    keys.push(...known.keys);
  }
  return { kind: 'known', keys };
}

async function readOne(file: string): Promise<KnownHosts> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'known', keys: [] };
    return { kind: 'unreadable', why: `${file} cannot be read (${String(code ?? error)})` };
  }
}
