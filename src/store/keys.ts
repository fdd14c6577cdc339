/** Every key of ours in Redis. The braces keep them on one node of a Redis Cluster, as scripts over several keys need. */

export const PREFIX = '{tcp-oncall}';

export function keyOf(...parts: readonly string[]): string {
  return [PREFIX, ...parts].join(':');
}
