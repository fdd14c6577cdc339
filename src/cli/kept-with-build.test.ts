import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KeptFile } from '#app/change-ports.ts';
import type { Change } from '#domain/change.ts';
import { gateOf } from '../../test/bot/example-change.ts';
import { compareKept, manifestLines } from './kept-with-build.ts';

const at = new Date('2026-11-30T20:00:00Z');
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const MANIFEST = `tcp-oncall kernel\t1\nrelease\t6.1.192-tw15\npatch\t${sha('diff')}\nend\n`;

function kept(name: string, text: string | undefined, was = text ?? '') {
  const file: KeptFile = { kind: 'kept', name, at, bytes: was.length, sha256: sha(was) };
  return { file, bytes: text === undefined ? undefined : Buffer.from(text) };
}

function standings(files: Parameters<typeof compareKept>[1], artefact: string | null = sha(MANIFEST)) {
  const gates = [gateOf('build'), gateOf('install', { artefact })] as Change['gates'];
  return Object.fromEntries(compareKept({ gates }, files).map(({ file, standing }) => [file.name, standing]));
}

describe('what is kept with a build', () => {
  it('is as it was where its hash is, the approved manifest’s and the one in the manifest', () => {
    const files = [kept('log', 'a log'), kept('manifest', MANIFEST), kept('patch', 'diff')];
    expect(standings(files)).toEqual({ log: 'kept', manifest: 'kept', patch: 'kept' });
    expect(standings(files, null)).toMatchObject({ manifest: 'kept' });
  });

  it('is named where it is gone, was never there, or is another one now', () => {
    const missed = { file: { kind: 'missed', name: 'config-diff', at, why: 'away' } as const, bytes: undefined };
    const files = [kept('manifest', MANIFEST), kept('log', undefined, 'a log'), missed, kept('patch', 'x', 'diff')];
    expect(standings(files)).toEqual({ manifest: 'kept', log: 'gone', 'config-diff': 'missed', patch: 'changed' });
  });

  it('is not believed where somebody wrote the file and its description', () => {
    expect(standings([kept('manifest', MANIFEST), kept('patch', 'another')])).toMatchObject({ patch: 'changed' });
    const forged = MANIFEST.replace(sha('diff'), sha('another'));
    expect(standings([kept('manifest', forged), kept('patch', 'another')])).toMatchObject({ manifest: 'changed' });
  });

  it('shows the lines of its manifest, where that is the approved one', () => {
    const change = { gates: [gateOf('install', { artefact: sha(MANIFEST) })] } as Pick<Change, 'gates'>;
    expect(manifestLines(compareKept(change, [kept('manifest', MANIFEST)]))).toContain('release  6.1.192-tw15');
    expect(manifestLines(compareKept(change, [kept('manifest', 'release\tforged\n')]))).toEqual([]);
  });
});
