/** The shortcuts, and the modal they open: which host, how long, and where to show it. */
import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/web-api';
import type { CardPlace } from '#domain/card.ts';
import { USUAL_INTERVAL } from '#domain/interval.ts';
import { CHECK_MODAL, checkModal } from '#render/slack/check-modal.ts';
import type { SlackVoice } from '#render/slack/message.ts';
import { problemMessage } from '#render/slack/problem.ts';
import type { Problem } from '#render/slack/slack-words.ts';
import { attend } from './attend.ts';
import { check } from './check.ts';
import { matchingHosts } from './matching-hosts.ts';
import { replyIn } from './reply.ts';
import type { Desk } from './tools.ts';

const NOWHERE = '';
const MOST_OPTIONS = 100;

export function listenForShortcuts(app: App, desk: Desk): void {
  /** At once: a trigger lives three seconds. */
  async function open(trigger: string, user: string, host: string | null, place: CardPlace | null): Promise<void> {
    const { language, standing } = await desk.people.find(user);
    const voice = desk.voice(language);
    const metadata = place === null ? NOWHERE : JSON.stringify(place);
    const view =
      standing === 'member'
        ? checkModal({ host, inThread: place !== null, metadata }, voice)
        : refusalModal(standing, voice);
    await desk.client.views.open({ trigger_id: trigger, view });
  }

  /** A submission must be answered, also when Slack does not say who made it. */
  function voiceOf(user: string): Promise<SlackVoice> {
    return desk.people.find(user).then(
      ({ language }) => desk.voice(language),
      () => desk.voice('en'),
    );
  }

  function hostNames(): readonly string[] {
    const { listHosts } = desk.inventory();
    return listHosts().map(({ name }) => name);
  }

  app.shortcut({ type: 'shortcut', callback_id: 'check-host' }, async ({ ack, shortcut }) => {
    await ack();
    await open(shortcut.trigger_id, shortcut.user.id, null, null);
  });

  app.shortcut({ type: 'message_action', callback_id: 'check-host-of-message' }, async ({ ack, shortcut }) => {
    await ack();
    if (shortcut.type !== 'message_action') return;
    const { message, channel, trigger_id: trigger, user } = shortcut;
    const thread = typeof message['thread_ts'] === 'string' ? message['thread_ts'] : message.ts;
    await open(trigger, user.id, hostNamedIn(message.text ?? '', desk), { channel: channel.id, thread });
  });

  app.action({ type: 'block_actions', action_id: 'open-check-modal' }, async ({ ack, body }) => {
    await ack();
    await open(body.trigger_id, body.user.id, null, null);
  });

  app.options<'block_suggestion'>(
    { type: 'block_suggestion', action_id: /^(?:host|builder)$/ },
    async ({ ack, payload }) => {
      const options = matchingHosts(payload.value, hostNames())
        .slice(0, MOST_OPTIONS)
        .map((name) => ({ text: { type: 'plain_text' as const, text: name.slice(0, 75) }, value: name.slice(0, 150) }));
      await ack({ options });
    },
  );

  app.view({ type: 'view_submission', callback_id: CHECK_MODAL }, async ({ ack, view, body }) => {
    const { values } = view.state;
    const host = values['host']?.['host']?.selected_option?.value ?? '';
    if (!hostNames().includes(host)) {
      const errors = { host: problemMessage('unknown-host', { name: host }, await voiceOf(body.user.id)).text };
      await ack({ response_action: 'errors', errors });
      return;
    }
    await ack();
    const interval = Number(values['interval']?.['interval']?.selected_option?.value ?? USUAL_INTERVAL);
    const chosen = { channel: values['conversation']?.['conversation']?.selected_conversation ?? '', thread: null };
    const place = view.private_metadata === NOWHERE ? chosen : (JSON.parse(view.private_metadata) as CardPlace);
    const user = body.user.id;
    const asking = {
      key: `submission ${view.id} ${view.hash}`,
      user,
      about: { action: CHECK_MODAL, host },
      reply: replyIn(place.channel, place.thread, user, desk),
    };
    await attend(asking, desk, (asked) => check({ host, interval }, place, asked, desk));
  });
}

/** Instead of the modal: who may not check is not shown our hosts either. */
function refusalModal(problem: Problem, voice: SlackVoice): ModalView {
  const { title, close } = voice.slack.modal;
  return {
    type: 'modal',
    title: { type: 'plain_text', text: title },
    close: { type: 'plain_text', text: close },
    blocks: problemMessage(problem, {}, voice).blocks,
  };
}

/** The first word of a message that means one of our hosts, by its name or by an address as alerts write it. */
function hostNamedIn(text: string, { inventory }: Desk): string | null {
  const { recognise } = inventory();
  const words = text.split(/[^A-Za-z0-9._:[\]-]+/).map((word) => word.replace(/[.:]+$/, ''));
  return words.map(recognise).find((name) => name !== undefined) ?? null;
}
