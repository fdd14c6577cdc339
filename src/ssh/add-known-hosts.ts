/** Adds lines to a known_hosts file, in one write at its end, so that no line somebody else adds meanwhile is lost. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AddKnownHosts } from '#app/ports.ts';

const NEWLINE = 10;

export function addKnownHosts(file: string): AddKnownHosts {
  return async (lines) => {
    try {
      await append(file, lines);
      return undefined;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : error;
      return `${file} cannot be written (${String(code)})`;
    }
  };
}

/** A new file is for its owner only; one that is there keeps its mode. */
async function append(file: string, lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await using handle = await open(file, 'a+', 0o600);
  const { size } = await handle.stat();
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
  const separator = size > 0 && buffer[0] !== NEWLINE ? '\n' : '';
  await handle.appendFile(`${separator}${lines.map((line) => `${line}\n`).join('')}`);
  await handle.sync();
}
