/** The door for signed requests: what is too old, from the future, or without a signature goes no further. */
import type { IncomingMessage, ServerResponse } from 'node:http';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

const OLDEST_SECONDS = 5 * 60;
/** Clocks differ by seconds; Bolt itself lets any future pass, and a signature could be kept for later. */
const NEWEST_SECONDS = 60;

/** `now` in milliseconds. The signature itself is checked behind the door. */
export function guardDoor(listener: Listener, now: () => number): Listener {
  return (request, response) => {
    const sent = Number(request.headers['x-slack-request-timestamp'] ?? Number.NaN);
    const age = now() / 1000 - sent;
    if (age <= OLDEST_SECONDS && age >= -NEWEST_SECONDS) return listener(request, response);
    response.writeHead(401, { 'content-type': 'text/plain' }).end('The request is not of this moment.\n');
    return undefined;
  };
}
