/** The files kept with a build, each compared with what was written down of it: Redis can be written by others. Pure. */
import { createHash } from 'node:crypto';
import type { KeptFile } from '#app/change-ports.ts';
import type { Change } from '#domain/change.ts';

/** gone: it was kept, and is not there. changed: it is another one now. missed: it could not be fetched. */
export type Standing = 'kept' | 'missed' | 'gone' | 'changed';

export interface KeptWithBuild {
  readonly file: KeptFile;
  readonly bytes: Buffer | undefined;
  readonly standing: Standing;
}

const MANIFEST = 'manifest';

/** The manifest's own names of files that it has the hash of (manifest() of runner.sh). */
const IN_MANIFEST: Readonly<Record<string, string>> = { patch: 'patch', 'config-diff': 'configdiff' };

/** SHA-256 of the manifest, which the gates after the build are bound to; null before that. */
export function artefactOf({ gates }: Pick<Change, 'gates'>): string | null {
  return gates.find(({ artefact }) => artefact !== null)?.artefact ?? null;
}

export function compareKept(
  change: Pick<Change, 'gates'>,
  files: readonly Omit<KeptWithBuild, 'standing'>[],
): readonly KeptWithBuild[] {
  const manifest = files.find(({ file }) => file.name === MANIFEST)?.bytes?.toString() ?? '';
  const approved = new Map(
    manifest.split('\n').map((line) => {
      const [name = '', hash = ''] = line.split('\t');
      return [name, hash];
    }),
  );
  function wantedOf(name: string): string | null | undefined {
    if (name === MANIFEST) return artefactOf(change);
    const known = IN_MANIFEST[name];
    return known && approved.get(known);
  }
  return files.map(({ file, bytes }) => ({ file, bytes, standing: standingOf(file, bytes, wantedOf(file.name)) }));
}

function standingOf(file: KeptFile, bytes: Buffer | undefined, wanted: string | null | undefined): Standing {
  if (file.kind === 'missed') return 'missed';
  if (bytes === undefined) return 'gone';
  const hash = createHash('sha256').update(bytes).digest('hex');
  return hash === file.sha256 && (wanted == null || wanted === hash) ? 'kept' : 'changed';
}

/** Its lines, for people; empty where it was not kept. */
export function manifestLines(files: readonly KeptWithBuild[]): readonly string[] {
  const text = files.find(({ file, standing }) => file.name === MANIFEST && standing === 'kept')?.bytes?.toString();
  return (text ?? '')
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '' && line !== 'end')
    .map((line) => line.replaceAll('\t', '  '));
}
