/** /tcp kernel build for <host> timewait=<seconds> [on <builder>] [because <reason>]; /tcp kernel status. */
import { listChanges } from '#app/list-changes.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import { kernelStatus } from '#render/slack/kernel-status.ts';
import type { ProblemDetails } from '#render/slack/problem.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { askForKernel, type KernelTyped, openKernelForm } from '../ask-kernel.ts';
import { permalink } from '../permalink.ts';
import type { Desk } from '../tools.ts';
import { type Call, defineCommand } from './command.ts';

const SAYS = ['which', 'word', 'requested'] as const;

type Says = (typeof SAYS)[number];
type Read =
  | { readonly what: 'build'; readonly typed: KernelTyped }
  | { readonly what: 'status' }
  | { readonly what: 'says'; readonly says: Says; readonly details: ProblemDetails };

type OwnCall = Call & { readonly say: (key: Says, details?: ProblemDetails) => Promise<void> };

export const kernel = defineCommand({
  verb: 'kernel',
  anywhere: false,
  says: SAYS,
  read,
  async carryOut(wanted: Read, call: OwnCall) {
    switch (wanted.what) {
      case 'says':
        return call.say(wanted.says, wanted.details);
      case 'status':
        return call.asked.reply(kernelStatus(await underWay(call.desk), call.asked.voice));
      case 'build':
        return build(wanted.typed, call);
    }
  },
});

async function underWay({ changes: { store } }: Desk) {
  const { active } = await listChanges(store);
  const builds = active.filter(({ kind }) => kind === KERNEL);
  return Promise.all(builds.map(async (change) => ({ change, progress: await store.changes.progressOf(change) })));
}

/** What is known is enough to ask; else there is the form, where it can be opened. */
async function build(typed: KernelTyped, { place, trigger, asked, desk, say }: OwnCall): Promise<void> {
  const isWhole = typed.host !== null && typed.seconds !== null && typed.reason !== '';
  if (!isWhole && trigger === null) return say('which');
  const problem =
    isWhole || trigger === null
      ? await askForKernel(typed, place, asked, desk, ({ run, already }) =>
          say('requested', { host: run.host, link: (already && permalink(already, desk.bot)) ?? '' }),
        )
      : await openKernelForm(typed, trigger, place, asked, desk);
  if (problem !== undefined) await asked.reply(sentenceMessage(problem.sentence));
}

function read([verb = '', ...words]: readonly string[]): Read {
  if (/^status$/i.test(verb) && words.length === 0) return { what: 'status' };
  if (!/^build$/i.test(verb)) return { what: 'says', says: 'which', details: {} };
  const at = words.findIndex((word) => /^because$/i.test(word));
  const [before, reason] = at < 0 ? [words, ''] : [words.slice(0, at), words.slice(at + 1).join(' ')];
  return readBuild(before, { host: null, builder: null, seconds: null, config: 'running', reason });
}

/** `for HOST`, `on BUILDER`, `timewait=15`, `timewait 15s`, `modules`, in any order; a host alone is the one that gets it. */
function readBuild([word, next, ...more]: readonly string[], typed: KernelTyped): Read {
  if (word === undefined) return { what: 'build', typed };
  const rest = next === undefined ? [] : [next, ...more];
  const named = /^timewait(?:=(.*))?$/i.exec(word);
  if (named !== null) {
    const [seconds, after] = named[1] ? [named[1], rest] : [next ?? '', more];
    return isSeconds(seconds) ? readBuild(after, { ...typed, seconds: Number.parseInt(seconds, 10) }) : unusable(word);
  }
  if (/^for$/i.test(word) && next !== undefined) return readBuild(more, { ...typed, host: next });
  if (/^on$/i.test(word) && next !== undefined) return readBuild(more, { ...typed, builder: next });
  if (/^(?:config=)?modules$/i.test(word)) return readBuild(rest, { ...typed, config: 'modules' });
  return typed.host === null && !/[=]/.test(word) ? readBuild(rest, { ...typed, host: word }) : unusable(word);
}

function isSeconds(text: string): boolean {
  return /^\d{1,4}s?$/i.test(text);
}

function unusable(word: string): Read {
  return { what: 'says', says: 'word', details: { word } };
}
