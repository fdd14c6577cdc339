import { describe, expect, it } from 'vitest';
import { connectTimeout } from '#diagnosis/connect-timeout.ts';

describe('connectTimeout', () => {
  it.each([
    [6, 0, 127],
    [5, 0, 63],
    [7, 0, 247],
    // Documentation/networking/ip-sysctl.rst: "131 seconds"; the others measured on 6.18 with SYNs dropped.
    [6, 4, 131],
    [3, 4, 19],
    [2, 4, 7],
    [1, 4, 3],
    [2, 0, 7],
    // What no kernel takes: no list of so many pauses is made.
    [127, 0, 14_647],
    [4_000_000_000, 0, 14_647],
    [2, 4_000_000_000, 7],
    [-1, -1, 1],
  ])('tcp_syn_retries=%i, tcp_syn_linear_timeouts=%i: %i s', (retries, linear, seconds) =>
    expect(connectTimeout(retries, linear)).toBe(seconds),
  );
});
