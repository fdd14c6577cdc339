/** Data as the SSH protocols have it: RFC 4251, section 5. */

export function byte(value: number): Buffer {
  return Buffer.of(value);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Each call takes what comes next; all throw a RangeError where there is less than that. */
export interface Reader {
  readonly byte: () => number;
  readonly uint32: () => number;
  readonly uint64: () => bigint;
  readonly string: () => Buffer;
}

export function readerOf(bytes: Buffer): Reader {
  let at = 0;

  function step(length: number): number {
    at += length;
    return at - length;
  }

  return {
    byte: () => bytes.readUInt8(step(1)),
    uint32: () => bytes.readUInt32BE(step(4)),
    uint64: () => bytes.readBigUInt64BE(step(8)),
    string() {
      const length = bytes.readUInt32BE(step(4));
      if (length > bytes.length - at) throw new RangeError('A string is longer than what it is in.');
      const start = step(length);
      return bytes.subarray(start, at);
    },
  };
}

/** Cuts what arrives into packets, each after its length. */
export interface Packets {
  /** The whole packets, without their lengths. Throws a RangeError where one is longer than `longest`. */
  readonly push: (bytes: Buffer) => readonly Buffer[];
}

export function createPackets(longest: number): Packets {
  let held: Buffer[] = [];
  let have = 0;
  let wanted = 4;

  return {
    push(bytes) {
      held.push(bytes);
      have += bytes.length;
      if (have < wanted) return [];
      let rest = Buffer.concat(held, have);
      const whole: Buffer[] = [];
      for (wanted = 4; rest.length >= wanted; wanted = 4) {
        const length = rest.readUInt32BE();
        if (length > longest) throw new RangeError('A packet is longer than any may be.');
        wanted = 4 + length;
        if (rest.length < wanted) break;
        whole.push(rest.subarray(4, wanted));
        rest = rest.subarray(wanted);
      }
      held = [rest];
      have = rest.length;
      return whole;
    },
  };
}
