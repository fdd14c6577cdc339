import { describe, expect, it } from 'vitest';
import { loggedMessage, unseenMessage } from '#diagnosis/kernel-message.ts';
import { absent, read } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';

const HOST = read({ uptime: 5_000 } as HostFacts);

function log(last: number | null) {
  return read({
    messages: [{ message: 'too-many-orphans' as const, count: 3, last, line: 'TCP: too many orphaned sockets' }],
  });
}

describe('loggedMessage', () => {
  it('calls a message of the last ten minutes recent', () =>
    expect(loggedMessage('too-many-orphans', log(4_990), HOST)).toEqual({ count: 3, secondsAgo: 10, recent: true }));

  it('calls an older one history', () =>
    expect(loggedMessage('too-many-orphans', log(100), HOST)).toMatchObject({ secondsAgo: 4_900, recent: false }));

  it('does not guess when the log has no times, or the uptime is not known', () => {
    expect(loggedMessage('too-many-orphans', log(null), HOST)).toMatchObject({ secondsAgo: null, recent: false });
    expect(loggedMessage('too-many-orphans', log(1), absent('host'))).toMatchObject({ recent: false });
  });

  it('knows no message of another kind, or of a log it could not read', () => {
    expect(loggedMessage('file-max-reached', log(1), HOST)).toBeUndefined();
    expect(loggedMessage('too-many-orphans', absent('dmesg'), HOST)).toBeUndefined();
  });
});

describe('unseenMessage', () => {
  const seen = (...given: Parameters<typeof unseenMessage>) => unseenMessage(...given)?.reason;

  it('has seen a message that can be dated, and a log without one', () => {
    expect(seen('too-many-orphans', log(100), HOST)).toBeUndefined();
    expect(seen('file-max-reached', log(null), absent('host'))).toBeUndefined();
  });

  it('names what is missing: the log, its times, or the uptime', () => {
    expect(seen('too-many-orphans', absent('dmesg'), HOST)).toMatchObject({ what: 'dmesg' });
    expect(seen('too-many-orphans', log(null), HOST)).toMatchObject({
      reading: 'kernel-log',
      what: 'dmesg prints no times',
    });
    expect(seen('too-many-orphans', log(1), absent('host'))).toMatchObject({ what: 'host' });
  });
});
