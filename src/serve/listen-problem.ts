/** Why an address cannot be listened on, and which setting names another. */
import { reasonOf } from './serve-error.ts';

/** `address` as it is configured, such as 127.0.0.1:3000. */
export function listenProblem(address: string, error: unknown): string {
  const another = 'Name another address with serve.listen in tcp-oncall.yaml or --listen';
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${address} is in use by another process, such as another tcp-oncall serve. ${another}: each serve with the role web on one machine needs a port of its own.`;
    case 'EACCES':
      return `This account may not listen on ${address}: ports below 1024 are for root. ${another}.`;
    default:
      return `${address} cannot be listened on: ${reasonOf(error)}. ${another}.`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
