/** Judges steps as the helper on the host does (judge_steps in helper.sh), so that no plan is offered that it would refuse. */
import { ALLOWED, type Bounds, fewestPorts, PORT_RANGE, RESERVED_PORTS } from './allowed-sysctls.ts';
import { LONGEST_LIST, lostPort, parsePrintedPorts, portsLeft } from './ports.ts';

/** The bound that a value does not keep; the helper says the same words. */
export const BOUNDS = [
  'listed',
  'form',
  'at-least',
  'at-most',
  'only-raised',
  'only-lowered',
  'no-limit-now',
  'first-at-least',
  'first-at-most',
  'last-at-least',
  'last-at-most',
  'first-even',
  'last-odd',
  'only-widened',
  'list-length',
  'keeps-port',
  'leaves-ports',
] as const;

export type BoundName = (typeof BOUNDS)[number];

/** `limit`: what the bound is; `value`: what was asked for. Both as text without blanks, `-` where there is none. */
export interface OutOfBounds {
  readonly key: string;
  readonly bound: BoundName;
  readonly limit: string;
  readonly value: string;
}

/** As /proc/sys shows values, with one blank between numbers. */
interface Written {
  readonly key: string;
  /** What it is now. */
  readonly from: string;
  readonly to: string;
}

/** What is in force where no step says so. */
export interface PortsNow {
  readonly range: string;
  readonly reserved: string;
}

/** The first bound that is not kept; undefined when the steps may be written. */
export function outOfBounds(steps: readonly Written[], now: PortsNow): OutOfBounds | undefined {
  for (const step of steps) {
    const refused = stepOutOfBounds(step);
    if (refused !== undefined) return refused;
  }
  return portsOutOfBounds(steps, now);
}

/** Whether one value may be written over `from`, whatever the ports in force are. */
export function isAllowed(key: string, from: string, to: string): boolean {
  return stepOutOfBounds({ key, from, to }) === undefined;
}

function stepOutOfBounds(step: Written): OutOfBounds | undefined {
  const bounds = ALLOWED.get(step.key);
  const broken = bounds === undefined ? broke('listed') : brokenBound(bounds, step);
  return broken === undefined ? undefined : { key: step.key, ...broken };
}

type Broken = Omit<OutOfBounds, 'key'>;

function broke(bound: BoundName, limit: number | string = '-', value: number | string = '-'): Broken {
  return { bound, limit: String(limit), value: String(value) };
}

function brokenBound(bounds: Bounds, { from, to }: Written): Broken | undefined {
  switch (bounds.shape) {
    case 'integer':
      return brokenInteger(bounds, from, to);
    case 'range':
      return brokenRange(bounds, from, to);
    case 'ports':
      return brokenPorts(from, to);
  }
}

type Integer = Extract<Bounds, { shape: 'integer' }>;

function brokenInteger({ min, max, only, limitsFrom = 0 }: Integer, from: string, to: string): Broken | undefined {
  const value = wholeNumber(to);
  if (value === undefined) return broke('form');
  if (value < min) return broke('at-least', min, value);
  if (value > max) return broke('at-most', max, value);
  const now = wholeNumber(from);
  if (only === 'raised' && (now === undefined || now < limitsFrom)) return broke('no-limit-now', from || '-', value);
  if (only === 'raised' && value < Number(from)) return broke('only-raised', from, value);
  // A time that cannot be read as one is no reason to write a longer one.
  if (only === 'lowered' && (now === undefined || value > now)) return broke('only-lowered', from || '-', value);
  return undefined;
}

type PairBounds = Extract<Bounds, { shape: 'range' }>;

function brokenRange(bounds: PairBounds, from: string, to: string): Broken | undefined {
  const [pair, now] = [portPair(to), portPair(from)];
  if (pair === undefined || now === undefined) return broke('form');
  const [first, last] = pair;
  if (first < bounds.first[0]) return broke('first-at-least', bounds.first[0], first);
  if (first > bounds.first[1]) return broke('first-at-most', bounds.first[1], first);
  if (last < bounds.last[0]) return broke('last-at-least', bounds.last[0], last);
  if (last > bounds.last[1]) return broke('last-at-most', bounds.last[1], last);
  if (first % 2 !== 0) return broke('first-even', '-', first);
  if (last % 2 !== 1) return broke('last-odd', '-', last);
  if (first > now[0]) return broke('only-widened', now[0], first);
  if (last < now[1]) return broke('only-widened', now[1], last);
  return undefined;
}

function brokenPorts(from: string, to: string): Broken | undefined {
  if (to.length > LONGEST_LIST || from.length > LONGEST_LIST)
    return broke('list-length', LONGEST_LIST, Math.max(to.length, from.length));
  const [list, old] = [parsePrintedPorts(to), parsePrintedPorts(from)];
  if (list === undefined || old === undefined) return broke('form');
  const lost = lostPort(old, list);
  return lost === undefined ? undefined : broke('keeps-port', lost);
}

/** Too few ports for connect() are left, and fewer than now, after the last step or between two of them. */
function portsOutOfBounds(steps: readonly Written[], now: PortsNow): OutOfBounds | undefined {
  const ofPorts = steps.filter(({ key }) => key === PORT_RANGE || key === RESERVED_PORTS);
  const [range, list] = [
    ofPorts.find(({ key }) => key === PORT_RANGE),
    ofPorts.find(({ key }) => key === RESERVED_PORTS),
  ];
  if (ofPorts.length === 0) return undefined;
  const before = { range: range?.from ?? now.range, reserved: list?.from ?? now.reserved };
  const reserved = list?.to ?? now.reserved;
  const listFirst = list !== undefined && ofPorts[0] === list;
  const early = listFirst ? tooFewLeft({ range: before.range, reserved }, before) : undefined;
  return early ?? tooFewLeft({ range: range?.to ?? now.range, reserved }, before);
}

function tooFewLeft(after: PortsNow, before: PortsNow): OutOfBounds | undefined {
  const [then, now] = [left(after.range, after.reserved), left(before.range, before.reserved)];
  if (then === undefined || now === undefined) return { key: RESERVED_PORTS, ...broke('form') };
  const fewest = fewestPorts(then.all);
  if (then.left >= fewest || then.left >= now.left) return undefined;
  return { key: RESERVED_PORTS, ...broke('leaves-ports', fewest, then.left) };
}

function left(range: string, list: string): { readonly all: number; readonly left: number } | undefined {
  const [pair, ports] = [portPair(range), parsePrintedPorts(list)];
  if (pair === undefined || ports === undefined) return undefined;
  return { all: pair[1] - pair[0] + 1, left: portsLeft(pair, ports) };
}

function wholeNumber(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined;
}

function portPair(text: string): readonly [number, number] | undefined {
  const [first, last, ...more] = text.split(' ').map(wholeNumber);
  return first === undefined || last === undefined || more.length > 0 ? undefined : [first, last];
}
