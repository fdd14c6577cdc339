/** Real commands: what becomes of them, and of what they start. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import type { ConnectionFailure } from '#domain/command.ts';
import { runProxyCommand } from './proxy-command.ts';

const LOST: ConnectionFailure = { kind: 'connection-lost', why: 'the host hung up during the login' };

/** Living processes that were started with this word. */
function startedWith(word: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
    } catch {
      return false;
    }
  });
}

describe('a ProxyCommand', () => {
  it('is a connection: what is written goes in, and what it prints comes out', async () => {
    const { through, end } = runProxyCommand('cat');
    through.end('SSH-2.0-x\r\n');
    expect(await text(through)).toBe('SSH-2.0-x\r\n');
    end();
  });

  it('is run by a shell where its line needs one, as ssh does', async () => {
    const { through, end } = runProxyCommand('exec printf %s "$((1 + 1))" | cat');
    expect(await text(through)).toBe('2');
    end();
  });

  it('sees nothing of our tokens', async () => {
    vi.stubEnv('SLACK_BOT_TOKEN', 'xoxb-secret');
    vi.stubEnv('SSH_ASKPASS', '/usr/bin/a-window');
    vi.stubEnv('PROXY_LOGIN', 'ann');
    const { through, end } = runProxyCommand('env');
    vi.unstubAllEnvs();
    const seen = await text(through);
    expect(seen).toContain('PROXY_LOGIN=ann');
    expect(seen).not.toContain('xoxb-secret');
    expect(seen).not.toContain('a-window');
    end();
  });

  it.each([
    ['that obeys', (word: string) => `sh -c 'sleep 300; :' ${word}`],
    [
      'that left something behind',
      (word: string) => `sh -c 'sh -c "trap : TERM; while :; do sleep 1; done" ${word} & read x; exit 3' ${word}`,
    ],
    ['that does not obey', (word: string) => `sh -c 'trap "" TERM; while :; do sleep 1; done' ${word}`],
  ])('%s is gone when its connection is, with what it started', async (_, lineOf) => {
    const word = `proxy-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const { through, explain } = runProxyCommand(lineOf(word));
    await vi.waitFor(() => expect(startedWith(word)).not.toEqual([]));
    through.destroy();
    await once(through, 'close');
    await explain(LOST);
    await vi.waitFor(() => expect(startedWith(word)).toEqual([]));
  });

  it.each([
    ["sh -c 'echo no session >&2; exit 3'", 'the ProxyCommand ended with 3: no session'],
    ['/nonexistent/tunnel', 'the ProxyCommand cannot be run (ENOENT)'],
    ['echo hello', 'the ProxyCommand answers with what is not SSH: "hello"'],
  ])('%s', async (line, why) => {
    const { through, explain } = runProxyCommand(line);
    through.resume();
    if (!through.destroyed) await once(through, 'close');
    expect(await explain(LOST)).toEqual({ kind: 'proxy-failed', why });
  });

  it('has nothing to do with a failure after a server has answered, or with what is no fault of the way', async () => {
    const { through, explain } = runProxyCommand("echo 'SSH-2.0-x'");
    await text(through);
    expect(await explain(LOST)).toBe(LOST);
    const denied: ConnectionFailure = { kind: 'authentication-failed', why: 'no key to try' };
    expect(await runProxyCommand('false').explain(denied)).toBe(denied);
  });
});
