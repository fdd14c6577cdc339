import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchAnnouncement } from './announcement.ts';

const MARK = 'tcp-oncall-0123';

/** The bytes in pieces of these sizes. */
function feed(text: string, sizes: readonly number[]) {
  const announcement = watchAnnouncement(MARK);
  const passed: Buffer[] = [];
  let rest = Buffer.from(text);
  for (const size of [...sizes, rest.length]) {
    passed.push(announcement.push(rest.subarray(0, size)));
    rest = rest.subarray(size);
  }
  passed.push(announcement.end());
  return { text: Buffer.concat(passed).toString(), pid: announcement.pid() };
}

describe('watchAnnouncement', () => {
  it('takes the line out and passes the rest on, however it is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.integer({ min: 2, max: 4_194_304 }),
        sizes,
        (before, after, pid, cuts) => {
          expect(feed(`${before}${MARK} ${pid}\n${after}`, cuts)).toEqual({ text: before + after, pid });
        },
      ),
    );
  });

  it('passes everything on when there is none', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.integer({ min: 1, max: 9 })), (text, cuts) => {
        expect(feed(text, cuts)).toEqual({ text, pid: undefined });
      }),
    );
  });

  it('lets whole lines through at once', () => {
    expect(watchAnnouncement(MARK).push(Buffer.from('motd\npar')).toString()).toBe('motd\n');
  });

  it.each(['1', '0', '-1', 'x', '', '2; kill 1'])('takes %j for no process', (pid) =>
    expect(feed(`${MARK} ${pid}\n`, []).pid).toBeUndefined(),
  );
});
