import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPackets, readerOf, string, uint32, uint64 } from './wire.ts';

describe('packets', () => {
  it('come out whole, wherever the stream is cut', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 10 }), fc.integer({ min: 1, max: 50 }), (sent, cut) => {
        const stream = Buffer.concat(sent.map(string));
        const packets = createPackets(40);
        const got: Buffer[] = [];
        for (let at = 0; at < stream.length; at += cut) got.push(...packets.push(stream.subarray(at, at + cut)));
        expect(got).toEqual(sent);
      }),
    );
  });

  it('that are longer than any may be are refused before they are kept', () => {
    const packets = createPackets(100);
    expect(packets.push(string('fine'))).toEqual([Buffer.from('fine')]);
    expect(() => packets.push(uint32(101))).toThrow(RangeError);
  });

  it('are read in linear time, byte by byte, too', () => {
    const packets = createPackets(1 << 20);
    const stream = string(Buffer.alloc(300_000));
    const began = performance.now();
    let whole = 0;
    for (let at = 0; at < stream.length; at++) whole += packets.push(stream.subarray(at, at + 1)).length;
    expect(whole).toBe(1);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('a reader', () => {
  it('gives back what was written', () => {
    const from = readerOf(Buffer.concat([uint32(7), uint64(2 ** 40), string('日本')]));
    expect([from.uint32(), from.uint64(), from.string().toString()]).toEqual([7, 2n ** 40n, '日本']);
  });

  it.each([
    ['a number', Buffer.of(0, 0, 1)],
    ['a string', Buffer.concat([uint32(5), Buffer.from('four')])],
  ])('throws where %s is cut short', (_, bytes) => expect(() => readerOf(bytes).string()).toThrow(RangeError));
});
