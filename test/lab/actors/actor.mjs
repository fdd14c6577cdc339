// What all actors have in common: arguments as one JSON object, one line of output when ready, a bounded life.

export const args = { life: 600, ...JSON.parse(process.argv[2] ?? '{}') };

// Nobody reads what comes after the first line.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

setTimeout(() => process.exit(0), args.life * 1000);

export function ready(facts = {}) {
  process.stdout.write(`${JSON.stringify({ ready: true, ...facts })}\n`);
}

/** Blocks the whole process, as a long computation, a garbage collection or a hung disk does. */
export function stall(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
