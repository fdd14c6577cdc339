import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function written(isTTY: boolean): { readonly stream: PassThrough & { isTTY: boolean }; readonly text: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY });
  return { stream, text: () => String(stream.read() ?? '') };
}

it('writes JSON without secrets, also in errors and facts', () => {
  const { stream, text } = written(false);
  const log = createLogger({ stream, secrets: ['s3cr3t-value'] });
  log.error(
    { err: new Error('refused xoxb-1111-2222-abcdef'), run: 'abcdefgh', url: 'redis://:hunter22@x' },
    'bad s3cr3t-value',
  );
  const line = text();
  expect(JSON.parse(line)).toMatchObject({ level: 'error', run: 'abcdefgh', msg: 'bad [secret]' });
  expect(line).not.toMatch(/xoxb-|hunter22|s3cr3t/);
});

it('writes a short line on a terminal, with control characters made visible', () => {
  const { stream, text } = written(true);
  createLogger({ stream, secrets: [] }).info({ host: 'web\u001b[31m-01' }, 'check requested');
  expect(text()).toMatch(/^\d\d:\d\d:\d\d info {2}check requested host=web\\x1b\[31m-01\n$/);
});
