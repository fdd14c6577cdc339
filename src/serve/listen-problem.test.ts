import { expect, it } from 'vitest';
import { startWebServer } from '#web/web-server.ts';
import { listenProblem } from './listen-problem.ts';

const readiness = async () => ({ ready: true, checks: {} });

it('names the setting when another process has the port', async () => {
  const server = await startWebServer({ listen: '127.0.0.1:0', readiness });
  const { host } = new URL(server.url);
  const error: unknown = await startWebServer({ listen: host, readiness }).catch((reason: unknown) => reason);
  await server.close();
  expect(listenProblem(host, error)).toMatch(
    new RegExp(`^${host} is in use by another process.* serve.listen in tcp-oncall.yaml or --listen`),
  );
});

it('says what else keeps it from listening', async () => {
  const error: unknown = await startWebServer({ listen: '203.0.113.1:3000', readiness }).catch(
    (reason: unknown) => reason,
  );
  expect(listenProblem('203.0.113.1:3000', error)).toMatch(/^203.0.113.1:3000 cannot be listened on: .*--listen\.$/);
});
