/** `tcp-oncall kernel provenance <change>`: where a kernel came from and how it was made: what was approved by whom, and the files kept of it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Changes } from '#app/change-ports.ts';
import type { Change } from '#domain/change.ts';
import { neutralise, neutralJson } from '#render/neutral.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import { sayError } from './complain.ts';
import type { Call } from './define.ts';
import { STATUS, type Status, UsageError } from './failure.ts';
import { reasonOf } from './identity.ts';
import { artefactOf, compareKept, type KeptWithBuild, manifestLines } from './kept-with-build.ts';
import { typedBuild } from './kernel-voice.ts';
import { screenOf } from './screen.ts';
import type { Session } from './session.ts';
import { minuteOf } from './show-change.ts';

interface ProvenanceOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

const RECORD = 'provenance.json';

/** Status 1 when a kept file is not what it was. */
export async function showProvenance({ given: [typed], options, session }: Call<ProvenanceOptions>): Promise<Status> {
  await using opened = await session.openChanges(session.config);
  const { changes } = opened.store;
  const change = await typedBuild(typed, changes, session);
  const files = await keptWith(change, changes);
  const { cli } = await session.changeWords();
  if (files.length === 0) throw new UsageError(fill(cli.kernel.nothingKept, { id: change.id }));
  const record = neutralJson(recordOf(change, files));
  if (options.dir !== undefined) await writeAll(options.dir, record, files, session);
  session.stdout.write(options.json ? `${record}\n` : await listText(change, files, options.dir, session));
  const bad = files.filter(({ standing }) => standing === 'gone' || standing === 'changed');
  if (bad.length === 0) return STATUS.nothing;
  const message = fill(cli.kernel.notAsKept, { files: bad.map(({ file }) => file.name).join(', ') });
  sayError({ error: 'provenance', message, next: '' }, false, session);
  return STATUS.findings;
}

async function keptWith(change: Change, changes: Changes): Promise<readonly KeptWithBuild[]> {
  const { id } = change;
  const files = await changes.filesOf(id);
  const read = files.map(async (file) => ({ file, bytes: await changes.fileOf(id, file.name) }));
  return compareKept(change, await Promise.all(read));
}

function recordOf(change: Change, files: readonly KeptWithBuild[]): object {
  const { id, host, kind, plan, requester, reason, proposedAt, gates, proofs } = change;
  const kept = files.map(({ file, standing }) => ({ ...file, standing }));
  const about = { id, kind, host, plan, requester, reason, proposedAt, gates, proofs };
  return { schema: 'tcp-oncall.provenance/1', change: about, artefact: artefactOf(change), files: kept };
}

/** Nothing that is there is overwritten. Throws a UsageError that names the file. */
async function writeAll(dir: string, record: string, files: readonly KeptWithBuild[], session: Session): Promise<void> {
  const { cli } = await session.changeWords();
  const kept = files.flatMap(({ file, bytes }) => (bytes === undefined ? [] : [[file.name, bytes] as const]));
  let place = dir;
  try {
    await mkdir(dir, { recursive: true });
    for (const [name, bytes] of [...kept, [RECORD, Buffer.from(`${record}\n`)] as const]) {
      place = join(dir, name);
      await writeFile(place, bytes, { flag: 'wx' });
    }
  } catch (error) {
    throw new UsageError(fill(cli.kernel.notWritten, { file: place, why: reasonOf(error) }));
  }
}

async function listText(
  change: Change,
  files: readonly KeptWithBuild[],
  dir: string | undefined,
  session: Session,
): Promise<string> {
  const { cli } = await session.changeWords();
  const kinds = await session.kinds.kinds();
  const { id, host, plan, requester, reason, gates } = change;
  const title = kinds.get(change.kind)?.title(plan) ?? '';
  const approved = gates.flatMap(({ name, approvals }) =>
    approvals.map(({ by, at }) => `  ${name}: ${fill(cli.kernel.gates.passed, { who: by.id })} ${minuteOf(at)}`),
  );
  const rows = files.map(({ file, standing }) => [
    `  ${file.name}`,
    file.kind === 'kept' ? String(file.bytes) : '',
    standing === 'kept' && file.kind === 'kept' ? file.sha256 : cli.kernel.standing[standing],
  ]);
  const lines = [
    `${id}  ${fill(cli.showsPlan, { host, title, who: requester.id, reason })}`,
    ...approved,
    ...manifestLines(files).map((line) => `  ${line}`),
    ...tableLines(rows, Math.max(WIDE, screenOf(session.stdout, session.env).width)),
    ...(dir === undefined ? [] : [fill(cli.kernel.wrote, { dir })]),
  ];
  return lines.map((line) => `${neutralise(line)}\n`).join('');
}

/** A hash in pieces cannot be copied. */
const WIDE = 120;
