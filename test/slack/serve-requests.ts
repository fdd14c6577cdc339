/** The local Slack's HTTP side: /api, /response, /upload, /files, the page, and /_local to act as its people. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCOPES } from '#slack/scopes.ts';
import type { Faults } from './faults.ts';
import { fileContent } from './file-store.ts';
import type { Answer, Args, MethodWorld } from './method.ts';
import { respond } from './response-url.ts';
import type { Act, Acted, Snapshot } from './snapshot.ts';
import { callMethod, readArgs } from './web-api.ts';

const PAGE = fileURLToPath(new URL('page/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

export interface Call {
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly args: Args;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly answer: Answer;
}

export interface Serving {
  readonly world: MethodWorld;
  readonly faults: Faults;
  readonly calls: Call[];
  readonly act: (user: string, act: Act) => Promise<Acted>;
}

export function serveRequests(serving: Serving) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    route(request, response, serving).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  };
}

async function route(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
  const [, area = '', ...rest] = pathname.split('/');
  const { workspace, shortLived, files } = serving.world;
  switch (area) {
    case 'api':
      return api(rest.join('/'), request, response, serving);
    case 'response': {
      const { status, body } = respond(
        rest[0] ?? '',
        JSON.parse((await bodyOf(request)).toString()) as Args,
        shortLived,
        workspace,
      );
      return send(response, status, 'text/plain', body);
    }
    case 'upload':
      files.change(rest[0] ?? '', {
        content: fileContent(await bodyOf(request), request.headers['content-type'] ?? ''),
      });
      return send(response, 200, 'text/plain', 'OK');
    case 'files': {
      const file = files.find(rest[0] ?? '');
      return file === undefined
        ? send(response, 404, 'text/plain', 'no such file')
        : send(response, 200, 'text/plain; charset=utf-8', file.content);
    }
    case 'archives': {
      const [channel = ''] = rest;
      response.writeHead(302, { location: `/?${new URLSearchParams({ channel })}` });
      return void response.end();
    }
    case '_local':
      return local(rest[0] ?? '', searchParams, request, response, serving);
    default:
      return page(pathname, response);
  }
}

async function api(
  method: string,
  request: IncomingMessage,
  response: ServerResponse,
  { world, faults, calls }: Serving,
): Promise<void> {
  const args = readArgs((await bodyOf(request)).toString(), request.headers['content-type'] ?? '');
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? String(args['token'] ?? '');
  const fault = faults.next(method);
  const carriedOut = fault === undefined || fault.processed;
  const answer = carriedOut ? callMethod(method, args, token, world) : { ok: false, error: fault.error };
  const status = fault?.status ?? 200;
  calls.push({ method, at: Date.now(), args, status, answer });
  if (fault?.kind === 'rate-limit') response.setHeader('Retry-After', String(fault.retryAfter));
  response.setHeader('x-oauth-scopes', SCOPES.join(','));
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(answer));
}

async function local(
  what: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  { world, act }: Serving,
): Promise<void> {
  if (what === 'state')
    return send(
      response,
      200,
      'application/json; charset=utf-8',
      JSON.stringify(seenBy(query.get('as') ?? '', world.workspace.snapshot())),
    );
  if (what === 'events') return events(request, response, world);
  if (what === 'act' && request.method === 'POST') {
    const { as, act: done } = JSON.parse((await bodyOf(request)).toString()) as { as: string; act: Act };
    return send(response, 200, 'application/json; charset=utf-8', JSON.stringify(await act(as, done)));
  }
  return send(response, 404, 'text/plain', 'not found');
}

/** What others were told in private is not for this person, and neither are channels they are not in. */
function seenBy(user: string, snapshot: Snapshot): Snapshot {
  const channels = snapshot.channels.filter(({ members }) => members.includes(user));
  const messages = snapshot.messages.filter(
    ({ onlyFor, channel }) => (onlyFor === null || onlyFor === user) && channels.some(({ id }) => id === channel),
  );
  const own = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([id]) => id === user));
  return { ...snapshot, channels, messages, modals: own(snapshot.modals), homes: own(snapshot.homes) };
}

function events(request: IncomingMessage, response: ServerResponse, { workspace }: MethodWorld): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const say = (revision: number) => response.write(`data: ${JSON.stringify({ revision })}\n\n`);
  say(workspace.revision());
  request.on('close', workspace.onChange(say));
}

async function page(pathname: string, response: ServerResponse): Promise<void> {
  const name = normalize(pathname === '/' ? 'index.html' : pathname.replace(/^\/page\//, '/')).replace(
    /^(?:\.\.\/|\/)+/,
    '',
  );
  const content = await readFile(join(PAGE, name)).catch(() => undefined);
  if (content === undefined) return send(response, 404, 'text/plain', 'not found');
  send(response, 200, `${TYPES[extname(name)] ?? 'application/octet-stream'}; charset=utf-8`, content);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
