import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdentities, readAgentKeyTypes } from './agent-key-types.ts';

function text(value: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}

/** As an agent answers: length, type, count, keys. */
function answerOf(types: readonly string[]): Buffer {
  const keys = types.flatMap((type) => [text(Buffer.concat([text(type), text('the key')])), text('a comment')]);
  const content = Buffer.concat([Buffer.from([12, 0, 0, 0, types.length]), ...keys]);
  return text(content);
}

describe('parseIdentities', () => {
  const types = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ssh-rsa-cert-v01@openssh.com'];

  it('names the type of each key', () => expect(parseIdentities(answerOf(types))).toEqual(types));

  it('takes a refusal for no keys', () => expect(parseIdentities(Buffer.from([0, 0, 0, 1, 5]))).toEqual([]));

  it('gives what came before an end that is missing', () => {
    const whole = answerOf(types);
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        const some = parseIdentities(whole.subarray(0, length));
        expect(types.slice(0, some.length)).toEqual(some);
      }),
    );
  });

  it('ends, whatever it is given', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseIdentities(Buffer.from(bytes))));
  });
});

it('an agent that is not there holds none', async () => {
  expect(await readAgentKeyTypes('/nonexistent', 60_000)).toEqual([]);
});
