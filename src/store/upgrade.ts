/** Brings a record of an earlier version to today's, one version at a time. The one place that knows how records looked before. */

type Shape = Readonly<Record<string, unknown>>;

/** The first of these makes version 2 of version 1, and so on. */
const STEPS: readonly ((record: Shape) => Shape)[] = [
  // Version 1 named its version in reports alone; every field was as it is in version 2.
  (record) => ({ ...record, version: 2 }),
];

export function upgrade(record: Shape, version: number): Shape {
  return STEPS.slice(version - 1).reduce((older, step) => step(older), record);
}
