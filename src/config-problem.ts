/** What is wrong with a configuration, as one finished sentence: file, line, place and fix. */
import { type Document, isMap, isScalar, type LineCounter } from 'yaml';
import type { z } from 'zod';
import { nearestNames } from '#domain/nearest.ts';
import { knownKeys } from './config-schema.ts';

type Issue = z.core.$ZodIssue;

export function describeIssue(issue: Issue, file: string, document: Document, lines: LineCounter): string {
  const inner = innermost(issue);
  const at = (path: readonly PropertyKey[]) => `${file} line ${lineOf(path, document, lines)}`;
  if (inner.code !== 'unrecognized_keys') {
    const place = inner.path.length === 0 ? 'the file' : inner.path.join('.');
    return `${at(inner.path)}: ${place} ${inner.message}.`;
  }
  const [key = ''] = inner.keys;
  const path = [...inner.path, key];
  const known = knownKeys(inner.path);
  const [meant] = nearestNames(key, known);
  const fix = meant === undefined ? `known keys here are ${known.join(', ')}` : `did you mean ${meant}?`;
  return `${at(path)}: ${path.join('.')} is not a known key; ${fix}${fix.endsWith('?') ? '' : '.'}`;
}

/** A key that nobody knows comes first: what seems to be missing is often what it meant. */
export function worstOf(issues: readonly Issue[]): Issue | undefined {
  return issues.find((issue) => innermost(issue).code === 'unrecognized_keys') ?? issues[0];
}

/** A record's bad key carries its reason inside. */
function innermost(issue: Issue): Issue {
  const [first] = issue.code === 'invalid_key' ? issue.issues : [];
  return first === undefined ? issue : { ...first, path: issue.path };
}

/** The line of the key that the last part of the path names; of what holds it when there is no such key. */
function lineOf(path: readonly PropertyKey[], document: Document, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) break;
      offset = (isScalar(pair.key) && pair.key.range?.[0]) || offset;
      node = pair.value;
    } else {
      const item =
        typeof node === 'object' && node !== null && 'items' in node && Array.isArray(node.items)
          ? node.items[Number(part)]
          : undefined;
      offset = item?.range?.[0] ?? offset;
      node = item;
    }
  }
  return lines.linePos(offset).line;
}
