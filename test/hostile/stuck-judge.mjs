// A thread of the judges that never ends, or takes all the memory there is, when it is asked about a host of that name.
import { parentPort, threadId } from 'node:worker_threads';

parentPort.on('message', ({ about: { host } }) => {
  const kept = [];
  while (host === 'endless');
  while (host === 'huge') kept.push(new Array(1000).fill(host));
  parentPort.postMessage({ kind: 'answer', thread: threadId });
});
parentPort.postMessage('ready');
