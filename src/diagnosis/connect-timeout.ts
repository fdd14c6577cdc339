/** How long connect() waits for an answer before it fails with ETIMEDOUT (tcp_write_timeout, net/ipv4/tcp_timer.c). */

/** The first retransmission comes after 1 s (RFC 6298), and no pause is longer than TCP_RTO_MAX. */
const LONGEST_PAUSE = 120;

/**
 * Seconds from the first SYN to the error. `linear` is tcp_syn_linear_timeouts: so many pauses of 1 s before they
 * double; 0 on kernels without it. The kernel gives up at the first timer after the time that pauses doubling from the
 * start would have taken.
 */
export function connectTimeout(retries: number, linear: number): number {
  const patience = sum(doublingPauses(retries + 1));
  let elapsed = 0;
  for (const pause of [...new Array<number>(Math.max(linear, 0)).fill(1), ...doublingPauses(retries + 1)]) {
    if (elapsed >= patience) break;
    elapsed += pause;
  }
  return elapsed;
}

function doublingPauses(count: number): readonly number[] {
  return Array.from({ length: Math.max(count, 0) }, (_, i) => Math.min(2 ** i, LONGEST_PAUSE));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
