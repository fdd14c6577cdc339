/** What the queues are called, and how Redis finds them: BullMQ's keys share the braces of ours. */

export const QUEUE_PREFIX = '{tcp-oncall}';
export const CHECKS = 'checks';
export const CARDS = 'cards';
/** Not 'changes': that begins keys of our own. */
export const CHANGES = 'change-tasks';
/** Pub/sub channel on which a run's id tells the worker that has it to stop. */
export const STOP_CHANNEL = '{tcp-oncall}:stop';
