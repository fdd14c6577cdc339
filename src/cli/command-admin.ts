/** `tcp-oncall freeze [group] [--off]` and `unlock <host>`: what the policy leaves to admins. */
import { freeze as orderFreeze } from '#app/freeze.ts';
import { unlock as unlockHost } from '#app/unlock.ts';
import { nearestGroup } from '#inventory/nearest-group.ts';
import { fill } from '#render/words.ts';
import { act, refusal } from './act.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import type { IdentityOptions } from './identity.ts';

interface FreezeOptions extends IdentityOptions {
  readonly off?: boolean;
}

/** Without a group, all hosts. */
export function freeze(call: Call<FreezeOptions>): Promise<Status> {
  const [group = '*'] = call.given;
  const on = call.options.off !== true;
  return act(call, async (acting) => {
    const { inventory, words } = acting;
    const { channels } = call.session.config.slack;
    const tools = {
      ...acting.tools,
      // A terminal is no channel: those of the configuration hear of it.
      channels: new Map([...channels].map(([channel, { language }]) => [channel, language])),
      hasGroup: (name: string) => inventory.groups.has(name),
    };
    const frozen = await orderFreeze({ on, group }, acting, tools);
    if (frozen.kind === 'refused')
      throw refusal(frozen.why, acting, { name: group, nearest: nearestGroup(group, inventory) });
    const details = { group: group === '*' ? words.freeze.all : group, command: thawCommand(group) };
    call.session.stdout.write(`${fill(on ? words.done.freeze : words.done.thaw, details)}\n`);
    return STATUS.nothing;
  });
}

export function unlock(call: Call<IdentityOptions>): Promise<Status> {
  const [typed = ''] = call.given;
  return act(call, async (acting) => {
    const { done } = acting.words;
    // A host that is in the inventory no longer may still be locked.
    const host = acting.inventory.recognise(typed) ?? typed;
    const unlocked = await unlockHost(host, acting, acting.tools);
    if (unlocked.kind === 'refused') throw refusal(unlocked.why, acting, { host });
    const sentence = unlocked.kind === 'abandoned' ? done.abandon : done.unlock;
    call.session.stdout.write(`${fill(sentence, { host, id: unlocked.change })}\n`);
    return STATUS.nothing;
  });
}

function thawCommand(group: string): string {
  return `tcp-oncall freeze ${group === '*' ? '' : `${group} `}--off`;
}
