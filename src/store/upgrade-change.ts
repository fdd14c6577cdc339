/** Makes a change of version 3, with gates, of one of version 2, which had thirteen states and no gates. */

type Shape = Readonly<Record<string, unknown>>;

/** What is no change of version 2 is as it was. Says nothing of whether it can be read: that is for the shape. */
export function withGates(record: Shape): Shape {
  const { state, needs, approvals, expiresAt, hash: _, plan, ...rest } = record;
  if (!isShape(state) || !isShape(needs) || !isShape(plan)) return record;
  const [host, until] = [record['host'], state['until'] ?? null];
  const gate = (name: string, more: Shape) => ({ name, host, hostKey: null, artefact: null, ...more });
  return {
    ...rest,
    kind: 'sysctl',
    plan,
    reverts: null,
    gates: [
      gate('apply', { needs, expiresAt, approvals }),
      gate('keep', { needs: { ...needs, approvals: 1 }, expiresAt: until, approvals: [] }),
    ],
    expiresMinutes: minutesBetween(record['proposedAt'], expiresAt),
    state: stateOf(state, record),
  };
}

function stateOf(state: Shape, record: Shape): Shape {
  const { kind, at, ...more } = state;
  switch (kind) {
    case 'proposed':
      return { kind: 'waiting', at: record['proposedAt'], gate: 0, reverts: null, wish: null, dropped: null };
    case 'approved':
      return { kind: 'queued', at, gate: 0, reverts: null, holder: null, away: null };
    case 'applying':
      return { kind: 'working', at, gate: 0, reverts: null, wish: null, running: false };
    case 'on-trial':
      return onTrial(state);
    case 'outcome-unknown':
      return unclear(state, more['why'], more['began'] === true);
    case 'kept':
      // Somebody wanted it back, and a worker may have been at it.
      return isShape(more['wanted']) ? unclear(state, 'upgraded', true) : ended(at, 'done', more, ['by']);
    case 'reverted':
      return ended(at, 'undone', more, ['by', 'why']);
    default:
      return { kind: 'ended', at, end: { how: kind, ...more } };
  }
}

/** An order to keep that was on its way is asked of the host again. */
function onTrial(state: Shape): Shape {
  const { at, until, wanted, dropped = null } = state;
  if (isShape(wanted) && wanted['what'] === 'keep') return unclear(state, 'upgraded', true);
  return { kind: 'waiting', at, gate: 1, reverts: until, wish: wanted ?? null, dropped };
}

function unclear({ at, wanted }: Shape, why: unknown, began: boolean): Shape {
  const wish = isShape(wanted) && wanted['what'] !== 'keep' ? wanted : null;
  return { kind: 'unclear', at, gate: began ? 1 : 0, why, wish, began };
}

function ended(at: unknown, how: string, state: Shape, fields: readonly string[]): Shape {
  const own = Object.fromEntries(fields.map((field) => [field, state[field]]));
  const more = Array.isArray(state['remarks']) ? state['remarks'] : [];
  const remarks = [...remarksOf('shadowed', state['shadowed']), ...remarksOf('conflict', state['conflicts']), ...more];
  return { kind: 'ended', at, end: { how, ...own, remarks } };
}

function remarksOf(what: string, byKey: unknown): readonly Shape[] {
  return isShape(byKey) ? Object.entries(byKey).map(([key, value]) => ({ what, key, value })) : [];
}

function minutesBetween(from: unknown, to: unknown): number {
  const minutes = Math.round((Date.parse(String(to)) - Date.parse(String(from))) / 60_000);
  return Number.isNaN(minutes) ? 0 : Math.max(0, minutes);
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
