// A client.
//   to, ports     where ("9900" or "9901,9902": in turn)   count      connections to open at once (0)
//   after         close: at once | reset: at once, with RST | wait: for the server to close | hold
//   every, batch  then `batch` more (1) every `every` ms, for as long as it lives
//   from          bind(2) to this address first             fromPort   and to this port, counting up
//   parallel      at most so many attempts at a time (50)   timeout    ms after which an attempt is given up
//   keepAlive     seconds of idleness before a probe, or "kernel": as the sysctls have it
//   send          bytes to send first
//   speakEvery    ms between bytes sent on one held connection after the other, `speakAfter` ms after all are open
//   eager         true: ready without waiting for answers
//   tally         file that is told the counts ten times a second, and when each failure was last met (ms since 1970)
import { renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { args, ready } from './actor.mjs';

const { to, ports = '9900', count = 0, after = 'hold', every = 0, batch = 1, parallel = 50 } = args;
const targets = String(ports).split(',').map(Number);
const held = new Set();
const outcome = { connected: 0, failed: {}, lastFailed: {} };
let attempts = 0;

function options(i) {
  return {
    host: to,
    port: targets[i % targets.length],
    ...(args.from && { localAddress: args.from }),
    ...(args.fromPort && { localPort: args.fromPort + (i % (count || batch)) }),
    // No delay leaves the kernel's own times in force.
    ...(args.keepAlive && {
      keepAlive: true,
      keepAliveInitialDelay: args.keepAlive === 'kernel' ? 0 : args.keepAlive * 1000,
    }),
  };
}

/** Resolves when the connection has come to what `after` asks for, or has failed. */
function attempt() {
  return new Promise((resolve) => {
    const socket = connect(options(attempts++));
    held.add(socket);
    if (args.timeout) socket.setTimeout(args.timeout, () => socket.connecting && socket.destroy(new GivenUp()));
    socket.on('connect', () => {
      outcome.connected += 1;
      socket.setTimeout(0);
      if (args.send) socket.write('x'.repeat(args.send));
      if (after === 'close') socket.destroy();
      if (after === 'reset') socket.resetAndDestroy();
      if (after === 'hold') resolve();
    });
    socket.on('error', ({ code }) => {
      outcome.failed[code] = (outcome.failed[code] ?? 0) + 1;
      outcome.lastFailed[code] = Date.now();
    });
    socket.on('close', () => {
      held.delete(socket);
      resolve();
    });
    socket.resume();
  });
}

class GivenUp extends Error {
  code = 'GIVEN_UP';
}

async function openAll() {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await attempt();
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, worker));
}

/** Whoever reads it finds one whole line. */
function tell() {
  writeFileSync(`${args.tally}.new`, JSON.stringify(outcome));
  renameSync(`${args.tally}.new`, args.tally);
}

const opened = openAll();
if (!args.eager) await opened;
if (args.tally) {
  // Whoever is told that this is ready finds the count.
  tell();
  setInterval(tell, 100);
}
if (every > 0) {
  setInterval(() => {
    for (let i = 0; i < batch; i += 1) attempt();
  }, every);
}
if (args.speakEvery) {
  const quiet = [...held];
  setTimeout(() => setInterval(() => quiet.shift()?.write('x'), args.speakEvery), args.speakAfter ?? 0);
}
ready(outcome);
