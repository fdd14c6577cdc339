/** Brings a record of an earlier version to today's, one version at a time. The one place that knows how records looked before. */
import { readJson } from './read-json.ts';
import { withGates } from './upgrade-change.ts';

type Shape = Readonly<Record<string, unknown>>;

/** The first of these makes version 2 of version 1, and so on. */
const STEPS: readonly ((record: Shape) => Shape)[] = [
  // Version 1 named its version in reports alone; every field was as it is in version 2.
  (record) => ({ ...record, version: 2 }),
  // Version 3 has gates in a change, one shape for the cards of checks and of changes, and one for what queues carry.
  (record) => ({ ...withSubject(withGates(record)), version: 3 }),
];

export function upgrade(record: Shape, version: number): Shape {
  return STEPS.slice(version - 1).reduce((older, step) => step(older), record);
}

function withSubject(record: Shape): Shape {
  if ('askedBy' in record && 'run' in record) return cardOfCheck(record);
  if ('channel' in record && 'change' in record) return cardOfChange(record);
  const [name, ...more] = Object.keys(record).filter((each) => each !== 'version');
  if (more.length > 0) return record;
  if (name === 'run') return { subject: { kind: 'check', id: record['run'] } };
  return name === 'change' ? { subject: { kind: 'change', id: record['change'] } } : record;
}

function cardOfCheck({ run, told, ...card }: Shape): Shape {
  return { ...card, subject: JSON.stringify({ kind: 'check', id: run }), told: TOLD_OF_CHECK.get(told) };
}

const TOLD_OF_CHECK: ReadonlyMap<unknown, string> = new Map([
  ['0', '[]'],
  ['1', '["ended"]'],
]);

/** Its fields were JSON, its key named the change, and nobody had written down who asked for it. */
function cardOfChange({ change: id, ...card }: Shape): Shape {
  const plain = ['channel', 'thread', 'language', 'message'].map((name) => [name, plainText(card[name])]);
  const subject = JSON.stringify({ kind: 'change', id });
  return { ...card, ...Object.fromEntries(plain), id, subject, askedBy: '' };
}

function plainText(json: unknown): unknown {
  const value = typeof json === 'string' ? readJson(json) : undefined;
  return value === null ? '' : value;
}
