/** Which files an order needs on its host: those it names, and those that a manifest among them names. Pure. */
import type { CarriedFile } from './kind.ts';

/** A kernel's packages are two to five. */
const MOST_LISTED = 20;
/** An image with debug information and its modules. */
const MOST_BYTES = 4 * 1024 ** 3;
const LINE = /^file\t([0-9a-f]{64})\t(\d{1,12})\t([A-Za-z0-9][A-Za-z0-9.+_~-]{0,199})$/;

/** The files beside the manifest, as its text names them; undefined when it names none, too many, or what is no file of ours. */
export function listedFiles(manifest: string, first: CarriedFile): readonly CarriedFile[] | undefined {
  const lines = manifest.split('\n').filter((line) => line.startsWith('file\t'));
  if (lines.length === 0 || lines.length > MOST_LISTED) return undefined;
  const files = lines.map((line) => listedFile(line, first));
  return files.every((file) => file !== undefined) ? files : undefined;
}

function listedFile(line: string, { from, to }: CarriedFile): CarriedFile | undefined {
  const [, sha256 = '', bytes = '', name = ''] = LINE.exec(line) ?? [];
  const mostBytes = Number(bytes);
  if (name === '' || mostBytes > MOST_BYTES) return undefined;
  return { from: beside(from, name), to: beside(to, name), sha256, mostBytes };
}

function beside(path: string, name: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${name}`;
}
