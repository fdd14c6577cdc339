// Loaded into a process that is measured (node --expose-gc --import): says on request what it holds after a collection.
import { createServer } from 'node:http';

const server = createServer((_, response) => {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo();
  response.end(
    JSON.stringify({
      heapUsed,
      rss,
      handles: handles.length,
      timers: handles.filter((name) => name === 'Timeout').length,
    }),
  );
});
server.listen(Number(process.env['HEAP_PROBE_PORT']), '127.0.0.1');
server.unref();
