/** What an error of a socket or of ssh2 means for the person who wanted a connection. */
import type { ConnectionFailure } from '#domain/command.ts';
import { sayable } from '../sayable.ts';

const REFUSED = new Set(['ECONNREFUSED']);
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no route to its network',
  ETIMEDOUT: 'no answer',
};

/** `seconds` is the ready timeout. */
export function connectionFailure(error: Error, seconds: number): ConnectionFailure {
  const { code, level } = { code: '', level: '', ...error } as { code: unknown; level: unknown };
  if (level === 'client-timeout') {
    return { kind: 'unreachable', why: `no SSH login within ${seconds} s` };
  }
  if (/authentication/i.test(error.message)) return { kind: 'authentication-failed', why: lower(error.message) };
  const [, unfit] = /^Handshake failed: (no matching .*)$/.exec(error.message) ?? [];
  if (unfit !== undefined) return { kind: 'ssh-unfit', why: sayable(unfit) };
  if (typeof code === 'string' && REASONS[code] !== undefined) {
    const kind = REFUSED.has(code) ? 'refused' : 'unreachable';
    return { kind, why: REASONS[code] };
  }
  if (level === 'client-socket' && code !== 'ECONNRESET') return { kind: 'unreachable', why: lower(error.message) };
  return { kind: 'connection-lost', why: LOST[String(code)] ?? lower(error.message) };
}

const LOST: Readonly<Record<string, string>> = {
  ECONNRESET: 'the host reset the connection',
  EPIPE: 'the host closed the connection',
};

/** The message as the second half of a sentence. */
function lower(message: string): string {
  const text = sayable(message).replace(/\.$/, '');
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
