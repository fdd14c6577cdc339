/** Which hosts an ssh_config file is about. Format: ssh_config(5). What it says about one is asked of ssh itself. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { matchesPattern, matchesPatternList } from '#domain/pattern.ts';

export interface SshConfigBlock {
  readonly patterns: readonly string[];
  /** What it sets HostName to, and so makes addresses out of names; null when it does not. */
  readonly hostName: string | null;
}

/** As deep as ssh follows Include. */
const DEEPEST = 16;

/** Undefined when the file is not there; throws what reading it otherwise throws. */
export async function readSshConfig(
  file: string,
  home: string,
  depth = 0,
): Promise<readonly SshConfigBlock[] | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { blocks, includes } = parseSshConfig(text);
  if (depth >= DEEPEST) return blocks;
  const files = (await Promise.all(includes.map((pattern) => expand(pattern, home)))).flat();
  const included = await Promise.all(files.map((path) => readSshConfig(path, home, depth + 1)));
  return [...blocks, ...included.flatMap((inner) => inner ?? [])];
}

/** Pure. */
export function parseSshConfig(text: string): {
  readonly blocks: readonly SshConfigBlock[];
  readonly includes: readonly string[];
} {
  const blocks: { patterns: string[]; hostName: string | null }[] = [];
  const includes: string[] = [];
  for (const line of text.split('\n')) {
    const { keyword = '', rest = '' } =
      /^\s*(?<keyword>[A-Za-z]+)(?:\s*=\s*|\s+)(?<rest>.*?)\s*$/.exec(line)?.groups ?? {};
    const words = [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    switch (keyword.toLowerCase()) {
      case 'host':
        blocks.push({ patterns: words, hostName: null });
        break;
      case 'match':
        blocks.push({ patterns: matchHosts(words), hostName: null });
        break;
      case 'include':
        includes.push(...words);
        break;
      case 'hostname': {
        const block = blocks.at(-1);
        if (block !== undefined) block.hostName ??= words[0] ?? null;
        break;
      }
    }
  }
  return { blocks, includes };
}

/** `Match host a,b` and `Match originalhost a,b`; other criteria name no host. */
function matchHosts(words: readonly string[]): string[] {
  const at = words.findIndex((word) => /^(?:original)?host$/i.test(word));
  return at < 0 ? [] : (words[at + 1] ?? '').split(',');
}

/** Names written out in full. */
export function literalHosts(blocks: readonly SshConfigBlock[]): readonly string[] {
  return [
    ...new Set(
      blocks.flatMap(({ patterns }) => patterns.filter((pattern) => pattern !== '' && !/[*?!]/.test(pattern))),
    ),
  ];
}

/** ssh makes something of any name; a host is known only by its own name, or by a pattern that says its HostName. */
export function knowsHost(blocks: readonly SshConfigBlock[], name: string): boolean {
  return blocks.some(
    ({ patterns, hostName }) => patterns.includes(name) || (hostName !== null && matchesPatternList(patterns, name)),
  );
}

/** What the file itself says; ssh, asked about one host, knows more (Match, tokens). Undefined when no block says it. */
export function addressIn(blocks: readonly SshConfigBlock[], name: string): string | undefined {
  const block = blocks.find(({ patterns, hostName }) => hostName !== null && matchesPatternList(patterns, name));
  return block?.hostName?.replaceAll('%h', name);
}

/** Include takes patterns; those without a path are relative to ~/.ssh. Wildcards in the last part are followed. */
async function expand(pattern: string, home: string): Promise<readonly string[]> {
  const untilded = pattern.replace(/^~(?=\/)/, home);
  const path = isAbsolute(untilded) ? untilded : join(home, '.ssh', untilded);
  if (!/[*?]/.test(path)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => matchesPattern(basename(path), name))
    .toSorted()
    .map((name) => join(dirname(path), name));
}
