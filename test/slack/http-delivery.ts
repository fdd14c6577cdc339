/** Delivery to a request URL, signed as Slack signs. https://docs.slack.dev/authentication/verifying-requests-from-slack */
import { createHmac } from 'node:crypto';
import { ACK_WITHIN_MS, type Acknowledged, type Deliver, type EnvelopeType, type Retry } from './acknowledged.ts';

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What Slack would send, to be sent by hand: again, changed, or late. */
export function signRequest(
  type: EnvelopeType,
  payload: Readonly<Record<string, unknown>>,
  secret: string,
  at: number,
  retry?: Retry,
): SignedRequest {
  const body = bodyOf(type, payload);
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
      ...(retry && { 'x-slack-retry-num': String(retry.number), 'x-slack-retry-reason': retry.reason }),
    },
  };
}

function bodyOf(type: EnvelopeType, payload: Readonly<Record<string, unknown>>): string {
  if (type === 'events_api') return JSON.stringify(payload);
  if (type === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(payload as Record<string, string>).toString();
}

/** `sent` hears of every request, so that a test can send it again. */
export function createHttpDelivery(
  url: string,
  secret: string,
  now: () => number,
  sent: (request: SignedRequest) => void,
): Deliver {
  return async (type, payload, retry): Promise<Acknowledged> => {
    const request = signRequest(type, payload, secret, now(), retry);
    sent(request);
    const began = performance.now();
    try {
      const { headers, body } = request;
      const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(ACK_WITHIN_MS) });
      const text = await answer.text();
      if (!answer.ok)
        return { kind: 'refused', status: answer.status, again: answer.headers.get('x-slack-no-retry') !== '1' };
      return { kind: 'acknowledged', ms: performance.now() - began, answer: asJson(text) };
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError' ? { kind: 'too-late' } : { kind: 'nobody' };
    }
  };
}

function asJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
