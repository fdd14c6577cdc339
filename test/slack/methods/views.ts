/** views.*: modals, opened once with a trigger that lives three seconds, and App Home. */
import { randomUUID } from 'node:crypto';
import { type Answer, type Args, type Method, type MethodWorld, refuse, text } from '../method.ts';
import { type View, validateView } from '../validate-view.ts';
import { BOT, type OpenView, TEAM } from '../workspace.ts';

const DEEPEST = 3;

function readView(value: unknown, type: View['type']): View | Answer {
  const validated = validateView(value);
  if (validated.kind === 'invalid') return refuse('invalid_arguments', validated.messages);
  return validated.view.type === type
    ? validated.view
    : refuse('invalid_arguments', [`[ERROR] expected a ${type} view`]);
}

function opened(view: View): OpenView {
  return { id: `V0${randomUUID().slice(0, 8).toUpperCase()}`, hash: randomUUID(), view, errors: {} };
}

function onTop(args: Args, world: MethodWorld, keep: boolean): Answer {
  const person = world.shortLived.useTrigger(args['trigger_id']);
  if (typeof person === 'string') return refuse(person);
  const view = readView(args['view'], 'modal');
  if ('ok' in view) return view;
  const below = keep ? (world.workspace.modals.get(person.user) ?? []) : [];
  if (below.length >= DEEPEST) return refuse('push_limit_reached');
  const open = opened(view);
  world.workspace.modals.set(person.user, [...below, open]);
  world.workspace.changed();
  return { ok: true, view: asSlackView(open) };
}

export const open: Method = (args, world) => onTop(args, world, false);
export const push: Method = (args, world) => onTop(args, world, true);

export const update: Method = (args, { workspace }) => {
  const [id, hash] = [text(args['view_id']), text(args['hash'])];
  for (const [user, stack] of workspace.modals) {
    const known = stack.find((each) => each.id === id);
    if (known === undefined) continue;
    if (hash !== '' && hash !== known.hash) return refuse('hash_conflict');
    const view = readView(args['view'], 'modal');
    if ('ok' in view) return view;
    const changed = { ...opened(view), id };
    workspace.modals.set(
      user,
      stack.map((each) => (each.id === id ? changed : each)),
    );
    workspace.changed();
    return { ok: true, view: asSlackView(changed) };
  }
  return refuse('not_found');
};

export const publish: Method = (args, { workspace }) => {
  const user = text(args['user_id']);
  if (!workspace.people.some(({ id }) => id === user)) return refuse('user_not_found');
  const view = readView(args['view'], 'home');
  if ('ok' in view) return view;
  workspace.publishHome(user, view.blocks);
  return { ok: true, view: asSlackView(opened(view)) };
};

/** As payloads and answers carry a view. */
export function asSlackView({ id, hash, view }: OpenView, values: unknown = {}) {
  const ids = { id, team_id: TEAM, app_id: BOT.app, bot_id: BOT.bot, root_view_id: id, previous_view_id: null };
  return { callback_id: '', private_metadata: '', ...view, ...ids, hash, state: { values } };
}
