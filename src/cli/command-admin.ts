/** `tcp-oncall freeze [group] [--off]` and `unlock <host>`: what the policy leaves to admins. */
import { freeze as orderFreeze } from '#app/freeze.ts';
import { unlock as unlockHost } from '#app/unlock.ts';
import { nearestGroup } from '#inventory/nearest-group.ts';
import { fill } from '#render/words.ts';
import { act, refusal } from './act.ts';
import { STATUS, type Status } from './failure.ts';
import type { IdentityOptions } from './identity.ts';
import type { Session } from './session.ts';

export interface FreezeOptions extends IdentityOptions {
  readonly off?: boolean;
}

/** `group`: undefined = all hosts. */
export function freeze(group = '*', options: FreezeOptions, session: Session): Promise<Status> {
  const on = options.off !== true;
  return act(options, session, async (acting) => {
    const { inventory, words } = acting;
    const tools = { ...acting.tools, hasGroup: (name: string) => inventory.groups.has(name) };
    const frozen = await orderFreeze({ on, group }, acting, tools);
    if (frozen.kind === 'refused')
      throw refusal(frozen.why, acting, { name: group, nearest: nearestGroup(group, inventory) });
    const details = { group: group === '*' ? words.freeze.all : group, command: thawCommand(group) };
    session.stdout.write(`${fill(on ? words.done.freeze : words.done.thaw, details)}\n`);
    return STATUS.nothing;
  });
}

export function unlock(typed: string, options: IdentityOptions, session: Session): Promise<Status> {
  return act(options, session, async (acting) => {
    const { done } = acting.words;
    // A host that is in the inventory no longer may still be locked.
    const host = acting.inventory.recognise(typed) ?? typed;
    const unlocked = await unlockHost(host, acting, acting.tools);
    if (unlocked.kind === 'refused') throw refusal(unlocked.why, acting, { host });
    const sentence = unlocked.kind === 'abandoned' ? done.abandon : done.unlock;
    session.stdout.write(`${fill(sentence, { host, id: unlocked.change })}\n`);
    return STATUS.nothing;
  });
}

function thawCommand(group: string): string {
  return `tcp-oncall freeze ${group === '*' ? '' : `${group} `}--off`;
}
