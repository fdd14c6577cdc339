/** A script as gzip has it (RFC 1952). Those of one program differ in their first line: the rest is compressed once. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** Magic, deflate, no flags, no time, no extra flags, Unix. */
const HEADER = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
/** Bytes of a first line that are worth sending as they are. */
const SHORT = 1024;

let last: { readonly rest: string; readonly deflated: Buffer } | undefined;

export function packScript(script: string): Buffer {
  const end = script.indexOf('\n') + 1;
  const first = Buffer.from(script.slice(0, end));
  if (first.length > SHORT) return gzipSync(script);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(script), 0);
  trailer.writeUInt32LE(Buffer.byteLength(script), 4);
  return Buffer.concat([HEADER, stored(first), deflateOnce(script.slice(end)), trailer]);
}

/** A block that is not compressed, and not the last: RFC 1951, 3.2.4. */
function stored(bytes: Buffer): Buffer {
  const lengths = Buffer.alloc(5);
  lengths.writeUInt16LE(bytes.length, 1);
  lengths.writeUInt16LE(0xffff - bytes.length, 3);
  return Buffer.concat([lengths, bytes]);
}

function deflateOnce(rest: string): Buffer {
  if (last?.rest !== rest) last = { rest, deflated: deflateRawSync(rest, { level: 9 }) };
  return last.deflated;
}
