/** What is wrong in the demo: four hosts broken as applications and articles break them, for an hour, with bounded load. */
import type { Lab } from '#lab/lab.ts';
import { exhaustPorts } from '../bot/changes.ts';

const LIFE_SECONDS = 3600;

/** Resolves when every trouble is there to be found. */
export async function breakHosts(lab: Lab): Promise<void> {
  await Promise.all([
    exhaustPorts(lab, 'web-01', 'db-01', LIFE_SECONDS),
    stopAccepting(lab),
    leakCloseWait(lab),
    lab.sysctl('nat-01', { 'net.ipv4.tcp_syncookies': '0' }),
  ]);
}

/** A service that stopped calling accept(), as one that waits for a lock does. */
async function stopAccepting(lab: Lab): Promise<void> {
  await lab.actor('api-01', 'listen', { ports: '8080', backlog: 64, accept: 'never', life: LIFE_SECONDS });
  const to = lab.host('api-01').address;
  const calls = { count: 100, parallel: 100, eager: true, every: 200, timeout: 3000 };
  await lab.actor('lb-01', 'connect', { to, ports: '8080', ...calls, life: LIFE_SECONDS });
  await lab.until('api-01', { see: 'queue', port: 8080, atLeast: 65 });
}

/** A service that reads its clients' FIN and forgets its own close(). */
async function leakCloseWait(lab: Lab): Promise<void> {
  await lab.actor('cache-01', 'listen', { ports: '8080', after: 'keep', life: LIFE_SECONDS });
  const to = lab.host('cache-01').address;
  await lab.actor('nat-01', 'connect', {
    to,
    ports: '8080',
    count: 200,
    after: 'close',
    life: LIFE_SECONDS,
  });
  const closed = { filter: 'state close-wait sport = :8080', like: /ino:[1-9]/, atLeast: 200 };
  await lab.until('cache-01', { see: 'sockets', ...closed });
}
