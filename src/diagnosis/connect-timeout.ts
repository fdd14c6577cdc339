/** How long connect() waits for an answer before it fails with ETIMEDOUT (tcp_write_timeout, net/ipv4/tcp_timer.c). */

/** The first retransmission comes after 1 s (RFC 6298), and no pause is longer than TCP_RTO_MAX. */
const LONGEST_PAUSE = 120;

/** MAX_TCP_SYNCNT: the kernel takes no more for either setting (net/ipv4/sysctl_net_ipv4.c), whatever a host says. */
const MOST_SYNS = 127;

/**
 * Seconds from the first SYN to the error. `linear` is tcp_syn_linear_timeouts: so many pauses of 1 s before they
 * double; 0 on kernels without it. The kernel gives up at the first timer after the time that pauses doubling from the
 * start would have taken.
 */
export function connectTimeout(retries: number, linear: number): number {
  const pauses = doublingPauses(upTo(MOST_SYNS, retries) + 1);
  const patience = sum(pauses);
  let elapsed = 0;
  for (const pause of [...new Array<number>(upTo(MOST_SYNS, linear)).fill(1), ...pauses]) {
    if (elapsed >= patience) break;
    elapsed += pause;
  }
  return elapsed;
}

function doublingPauses(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.min(2 ** i, LONGEST_PAUSE));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function upTo(most: number, count: number): number {
  return Math.min(Math.max(count, 0), most);
}
