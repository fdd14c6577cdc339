import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/hostile/any-text.ts';
import { packScript } from './pack-script.ts';

describe('packScript', () => {
  it('is unpacked to the same bytes, whatever its first line is', () => {
    const line = fc.oneof(anyText(), fc.constant('é'.repeat(1000)));
    fc.assert(
      fc.property(line, anyText(), (head, rest) => {
        for (const script of [head, `${head}\n`, `${head}\n${rest}`])
          expect(gunzipSync(packScript(script)).equals(Buffer.from(script))).toBe(true);
      }),
    );
  });

  it('is what gzip takes, and no larger than what it makes at its fastest', () => {
    const rest = Array.from({ length: 2000 }, (_, number) => `echo ${number ** 2} of many`).join('\n');
    for (const boundary of ['one', 'another']) {
      const script = `BOUNDARY=${boundary}\n${rest}\n`;
      const packed = packScript(script);
      expect(execFileSync('gzip', ['-dc'], { input: packed }).toString()).toBe(script);
      expect(packed.length).toBeLessThan(gzipSync(script, { level: 1 }).length);
    }
  });
});
