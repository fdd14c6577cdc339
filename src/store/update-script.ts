/** Changes fields of a hash that is there. One that has ended, or was set aside, is not begun again by what changes in it. */
import { script } from './script.ts';

/** KEYS: the hash. ARGV: fields and values. */
export const UPDATE = script(
  ['hash'],
  `
if redis.call('EXISTS', KEYS[1]) == 1 and #ARGV > 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return 'done'
`,
);
