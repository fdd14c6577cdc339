/** The door for signed requests. What is too old, from the future, unsigned or too long goes no further, and its body is not waited for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { HTTPModuleFunctions, isRawBodyError } from '@slack/bolt';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * The longest that Slack sends is a shortcut on a message of 40,000 characters, which are there twice, as text and in blocks,
 * at up to nine bytes each (`%E3%81%82`): 720 kB, and some for what is around them.
 */
export const MOST_BODY_BYTES = 1_000_000;

const OLDEST_SECONDS = 5 * 60;
/** Clocks differ by seconds; Bolt itself lets any future pass, and a signature could be kept for later. */
const NEWEST_SECONDS = 60;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;
/** Who was refused has this long to read why; closed at once, the answer would be lost with what is still being sent. */
const LINGER_MS = 1000;

/** `now` in milliseconds. The signature itself is checked behind the door. */
export function guardDoor(listener: Listener, now: () => number): Listener {
  return (request, response) => {
    response.once('finish', () => endUnread(request));
    const refusal = refusalOf(request, now());
    if (refusal === undefined) return passOn(listener, request, response);
    return refuse(response, refusal);
  };
}

/** Bolt looks for a property in whatever the body says, outside of its own catch: `null` would end the process. */
async function passOn(listener: Listener, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { rawBody } = await HTTPModuleFunctions.bufferIncomingMessage(request, MOST_BODY_BYTES);
    if (saysNull(rawBody.toString())) return refuse(response, { status: 400, why: 'The request says nothing.' });
  } catch (error) {
    const long = isRawBodyError(error) && error.type === 'entity.too.large';
    return refuse(response, long ? TOO_LONG : { status: 400, why: 'The request broke off.' });
  }
  listener(request, response);
}

function saysNull(body: string): boolean {
  const { payload } = parse(body);
  return [body, payload].some((text) => typeof text === 'string' && text.trim() === 'null');
}

function refuse(response: ServerResponse, { status, why }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${why}\n`);
}

interface Refusal {
  readonly status: 400 | 401 | 413;
  readonly why: string;
}

const TOO_LONG: Refusal = { status: 413, why: 'The request is too long.' };

function refusalOf({ headers }: IncomingMessage, now: number): Refusal | undefined {
  const age = now / 1000 - Number(headers['x-slack-request-timestamp'] ?? Number.NaN);
  if (!(age <= OLDEST_SECONDS && age >= -NEWEST_SECONDS))
    return { status: 401, why: 'The request is not of this moment.' };
  if (!SIGNATURE.test(String(headers['x-slack-signature']))) return { status: 401, why: 'The request is not signed.' };
  if (Number(headers['content-length'] ?? 0) > MOST_BODY_BYTES) return TOO_LONG;
  return undefined;
}

/** A body that was answered before its end is thrown away as it comes, for a moment; then its connection is closed. */
function endUnread(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
