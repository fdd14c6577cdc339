/** Which types of keys an ssh-agent holds, certificates and FIDO keys too, which ssh2 does not show. draft-ietf-sshm-ssh-agent, section 3.5. */
import { connect } from 'node:net';
import { keyType } from './known-hosts.ts';

/** A message is its length and its content, which begins with its type. */
const REQUEST_IDENTITIES: Buffer = Buffer.from([0, 0, 0, 1, 11]);
const IDENTITIES_ANSWER = 12;
/** OpenSSH's own limit. */
const LONGEST = 256 * 1024;

/** None of an agent that is not there, does not answer in time, or answers anything else. */
export function readAgentKeyTypes(socket: string, withinMs: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const agent = connect(socket);
    let answer: Buffer = Buffer.alloc(0);
    const late = setTimeout(finish, withinMs);
    function finish(): void {
      clearTimeout(late);
      agent.destroy();
      resolve(parseIdentities(answer));
    }
    agent.once('connect', () => agent.write(REQUEST_IDENTITIES));
    agent.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > LONGEST || (answer.length >= 4 && answer.length - 4 >= answer.readUInt32BE(0))) finish();
    });
    agent.once('error', finish);
    agent.once('close', finish);
  });
}

/** Pure; what is cut off or garbled gives the keys before that. */
export function parseIdentities(answer: Buffer): readonly string[] {
  if (answer.length < 9 || answer[4] !== IDENTITIES_ANSWER) return [];
  const types: string[] = [];
  // After the count, each key's blob and its comment.
  for (let at = 9; at + 4 <= answer.length; ) {
    const end = at + 4 + answer.readUInt32BE(at);
    if (end + 4 > answer.length) break;
    const type = keyType(answer.subarray(at + 4, end));
    if (type !== undefined) types.push(type);
    at = end + 4 + answer.readUInt32BE(end);
  }
  return types;
}
