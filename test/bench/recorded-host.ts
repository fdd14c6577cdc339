/**
 * A real SSH server that answers every collection with recorded sections, at once, in the samples in which a host has them:
 * what is left of a check's cost is ours.
 * Listens on loopback, says where and with which key in one line of JSON, and ends with its parent.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import ssh2, { type ServerChannel } from 'ssh2';
import type { Source } from '#domain/evidence.ts';
import { SOURCES } from '#evidence/sources.ts';

const SECTIONS = fileURLToPath(new URL('../../src/evidence/samples/sections/', import.meta.url));
const [hostKey = ''] = process.argv.slice(2);

/** The samples that a source is filed with. */
const FILED: Readonly<Record<Source<unknown>['cadence'], readonly number[]>> = {
  first: [1],
  each: [1, 2],
  between: [2],
  through: [2],
};

const sections = SOURCES.map((source) => ({ source, text: printed(source) }));

/** As recorded, and no more than a host is asked for. */
function printed(source: Source<unknown>): string {
  const text = readFileSync(`${SECTIONS}${source.name}.txt`, 'utf8').trimEnd();
  const [only, ...more] = 'files' in source ? source.files : [];
  const keep = new RegExp(more.length === 0 ? (only?.keep ?? '') : '');
  return text
    .split('\n')
    .filter((line) => keep.test(line))
    .join('\n');
}

const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
  client.on('authentication', (context) => (context.method === 'publickey' ? context.accept() : context.reject()));
  client.on('session', (accept) => {
    accept().on('exec', (acceptExec, _, { command }) => collect(acceptExec(), command.split(' ').at(-1) ?? ''));
  });
  client.on('error', () => client.end());
});

function collect(channel: ServerChannel, mark: string): void {
  const packed: Buffer[] = [];
  channel.on('data', (bytes: Buffer) => packed.push(bytes));
  channel.on('end', () => answer(channel, mark, gunzipSync(Buffer.concat(packed)).toString()));
}

function answer(channel: ServerChannel, mark: string, script: string): void {
  const boundary = /BOUNDARY=(\S+)/.exec(script)?.[1] ?? '';
  channel.stderr.write(`${mark} ${process.pid}\n`);
  channel.write(sample(boundary, 1) + sample(boundary, 2));
  channel.exit(0);
  channel.end();
}

function sample(boundary: string, number: 1 | 2): string {
  const framed = sections
    .filter(({ source }) => FILED[source.cadence].includes(number))
    .map(
      ({ source: { name }, text }) =>
        `\n${boundary} begin ${number} ${name}\n${text}\n${boundary} end ${number} ${name} 0\n`,
    );
  return `${framed.join('')}\n${boundary} done ${number}\n`;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
