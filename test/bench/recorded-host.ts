/**
 * A real SSH server that answers every collection with recorded sections, at once: what is left of a check's cost is ours.
 * Listens on loopback, says where and with which key in one line of JSON, and ends with its parent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import ssh2, { type ServerChannel } from 'ssh2';

const SECTIONS = fileURLToPath(new URL('../../src/evidence/samples/sections/', import.meta.url));
const [hostKey = ''] = process.argv.slice(2);

const sections = readdirSync(SECTIONS).map((file) => ({
  source: file.replace(/\.txt$/, ''),
  text: readFileSync(SECTIONS + file, 'utf8').trimEnd(),
}));

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
  const framed = sections.map(
    ({ source, text }) => `\n${boundary} begin ${number} ${source}\n${text}\n${boundary} end ${number} ${source} 0\n`,
  );
  return `${framed.join('')}\n${boundary} done ${number}\n`;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 })}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
