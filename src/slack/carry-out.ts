/** One function for each thing that can be asked in words, in a command or after the bot's name. */
import { cancelCheck } from '#app/cancel-check.ts';
import { listChanges } from '#app/list-changes.ts';
import type { CardPlace } from '#domain/card.ts';
import { parseCheckId } from '#domain/check.ts';
import { nearestNames } from '#domain/nearest.ts';
import { explainList, explainMessage } from '#render/slack/explain.ts';
import { helpMessage } from '#render/slack/help.ts';
import { hostsMessage } from '#render/slack/hosts.ts';
import { sentenceMessage } from '#render/slack/problem.ts';
import { statusMessage } from '#render/slack/status.ts';
import { fill } from '#render/words.ts';
import type { Asked } from './attend.ts';
import { check } from './check.ts';
import { fix, unlock, unlockWhich } from './fix.ts';
import { freeze } from './freeze.ts';
import { type SlackCommand, VERBS } from './parse-command.ts';
import type { Desk } from './tools.ts';

/** `trigger`: opens a form, where what was typed came with one. */
export async function carryOut(
  command: SlackCommand,
  place: CardPlace,
  trigger: string | null,
  asked: Asked,
  desk: Desk,
): Promise<void> {
  switch (command.kind) {
    case 'check':
      return check(command, place, asked, desk);
    case 'check-without-host':
      return asked.refuse('no-host');
    case 'bad-interval':
      return asked.refuse('bad-interval', { word: command.word });
    case 'too-much':
      return asked.refuse('too-much', { host: command.host, word: command.word });
    case 'option':
      return asked.refuse('option', { word: command.word });
    case 'fix-without-host':
      return asked.refuse('no-fix-host');
    case 'unlock-without-host':
      return unlockWhich(asked, desk);
    case 'fix':
      return fix(command, place, trigger, asked, desk);
    case 'freeze':
      return freeze(command, place, asked, desk);
    case 'unlock':
      return unlock(command.host, asked, desk);
    case 'explain':
      return explain(command.id, asked, desk);
    case 'hosts':
      return asked.reply(hostsMessage(desk.inventory().listHosts(), asked.voice));
    case 'status':
      return status(asked, desk);
    case 'cancel':
      return cancel(command.target, asked, desk);
    case 'help':
      return help(command.about, asked, desk);
    case 'unknown':
      return unknownWord(command.word, asked);
  }
}

async function help(about: string | null, asked: Asked, desk: Desk): Promise<void> {
  const verb = about === null ? null : VERBS.find((each) => each === about.toLowerCase());
  if (verb === undefined) return unknownWord(about ?? '', asked);
  await asked.reply(helpMessage(desk.bot.name, verb, asked.voice));
}

async function unknownWord(word: string, asked: Asked): Promise<void> {
  const nearest = nearestNames(word, VERBS).join(asked.voice.vocabulary.words.usage.or);
  await asked.refuse('unknown-word', { word, nearest });
}

async function explain(id: string | null, asked: Asked, desk: Desk): Promise<void> {
  const { pages } = asked.voice.vocabulary;
  if (id === null) return asked.reply(explainList(asked.voice));
  if (!pages.has(id))
    return asked.refuse('unknown-diagnosis', { id, nearest: nearestNames(id, pages.keys())[0] ?? '' });
  await asked.reply(explainMessage(id, await desk.page(id, asked.person.language), asked.voice));
}

async function status(asked: Asked, { store, queue, changes, now }: Desk): Promise<void> {
  const [active, { workers }, underWay] = await Promise.all([
    store.runs.active(),
    queue.counts(),
    listChanges(changes.store),
  ]);
  await asked.reply(statusMessage({ active, workers, changes: underWay, now: now() }, asked.voice));
}

/** By a run's id, or by the host that is being checked. */
async function cancel(target: string | null, asked: Asked, desk: Desk): Promise<void> {
  const active = await desk.store.runs.active();
  const name = target === null ? null : (desk.inventory().recognise(target) ?? target);
  const id = name === null ? undefined : (active.find(({ host }) => host === name)?.id ?? parseCheckId(name));
  if (id === undefined) return asked.refuse('nothing-to-cancel', { name: name ?? '' });
  await cancelOne(id, asked, desk);
}

export async function cancelOne(text: string, asked: Asked, { store, queue, announce }: Desk): Promise<void> {
  const id = parseCheckId(text);
  const cancelled = id && (await cancelCheck(id, asked.actor, { ...store, queue, announce }));
  if (cancelled === undefined || cancelled.kind === 'unknown') return asked.refuse('unknown-run');
  const { host } = cancelled.run;
  if (cancelled.kind === 'ended') return asked.refuse('already-ended', { host });
  await asked.reply(sentenceMessage(fill(asked.voice.slack.cancelled, { host })));
}
