/** Against a server that does what no sshd does: its keys change, its client's agent fails. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ParsedKey } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHostName, SSH2 } from '#domain/host.ts';
import { algorithmsFor, fingerprint } from '../host-key.ts';
import { agentWithOnly } from './agent.ts';
import type { Attempt } from './credentials.ts';
import { type LoginRequest, logIn } from './log-in.ts';

const HOST_KEY = newKey();
const OTHER_HOST_KEY = newKey();
const KEY = parsed(newKey().private);

let server: ssh2.Server;
let client: Connection;

beforeEach(async () => {
  server = new ssh2.Server({ hostKeys: [HOST_KEY.private] }, (connection) => {
    client = connection;
    connection.on('error', () => {});
    connection.on('authentication', (login) => login.accept());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => void server.close());

/** ssh2 1.17 writes one key in about 200 so that nothing can read it. */
function newKey(): { readonly private: string; readonly public: string } {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  return ssh2.utils.parseKey(pair.private) instanceof Error ? newKey() : pair;
}

function parsed(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function logInWith(attempts: readonly Attempt[], changes: Partial<LoginRequest> = {}) {
  const name = parseHostName('web-01');
  if (name === undefined) throw new Error('not a host name');
  const { port } = server.address() as AddressInfo;
  return logIn({
    host: { name, address: '127.0.0.1', port, user: 'ops', identityFiles: [], groups: [], jump: [], transport: SSH2 },
    through: undefined,
    verifyHostKey: () => undefined,
    hostKeyAlgorithms: algorithmsFor([]),
    credentials: { attempts, problems: [] },
    readyTimeoutMs: 60_000,
    signal: new AbortController().signal,
    ...changes,
  });
}

async function loggedIn(attempts: readonly Attempt[]) {
  const login = await logInWith(attempts);
  if (login.kind !== 'logged-in') throw new Error(JSON.stringify(login));
  return login;
}

describe('a login', () => {
  const attempt: Attempt = { kind: 'key', what: 'the key', key: KEY };

  it('says which key the host showed', async () => {
    const { hostKey, cut } = await loggedIn([attempt]);
    expect(hostKey).toBe(fingerprint(parsed(HOST_KEY.public).getPublicSSH()));
    cut();
  });

  it('goes on to the next key when the agent does not sign', async () => {
    const failing: Attempt = { kind: 'agent', what: 'the agent', agent: agentWithOnly('/nonexistent', KEY) };
    const { cut } = await loggedIn([failing, attempt]);
    cut();
    expect(await logInWith([failing])).toEqual({
      kind: 'authentication-failed',
      why: 'it accepted none of the agent',
    });
  });

  it('ends when the host shows another key later, whatever else is known of that key', async () => {
    const { client: ours, cut } = await loggedIn([attempt]);
    const refused = once(ours, 'error').then(([error]: Error[]) => error?.message);
    const goneOn = once(client, 'rekey').then(() => 'gone on');
    Object.assign(hostKeysOf(client), { 'ssh-ed25519': parsed(OTHER_HOST_KEY.private) });
    client.rekey();
    expect(await Promise.race([refused, goneOn])).toBe('Host denied (verification failed)');
    cut();
  });
});

/** ssh2 has no other way to give a connection another key. */
function hostKeysOf(connection: Connection): object {
  return (connection as unknown as { _protocol: { _hostKeys: object } })._protocol._hostKeys;
}
