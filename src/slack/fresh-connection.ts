/** Fetches over a connection of its own: on one that was kept, a request can meet its end, and nobody knows whether it was taken. */
import { Agent, fetch } from 'undici';

const UNKEPT = new Agent({ pipelining: 0 });

export function fetchAfresh(url: string | URL, init?: RequestInit): Promise<Response> {
  // The same standard twice: Node's own fetch is another copy of undici, with other types.
  const options = { ...init, dispatcher: UNKEPT } as Parameters<typeof fetch>[1];
  return fetch(url, options) as unknown as Promise<Response>;
}
