// The page: reads the state on every change and shows it as the chosen person sees it.
import { drawBlocks } from './blocks.js';
import { createComposer } from './composer.js';
import { el } from './dom.js';
import { icon } from './icons.js';
import { createMessageList } from './messages.js';
import { createModal } from './modal.js';
import { readPlace, writePlace } from './place.js';
import { act, fetchState, watch } from './server.js';
import { drawSidebar, drawTop } from './sidebar.js';
import { toast } from './toast.js';
import { wordsFor } from './words.js';

const HOME = 'home';

let place = readPlace();
let state;
/** Whose App Home is open. */
let homeOf;
const seen = new Map();

const [top, side, channelPane, threadPane] = ['.top', '.sidebar', '.channel', '.thread'].map((name) =>
  document.querySelector(name),
);
const list = createMessageList('channel-messages');
const threadList = createMessageList('thread-messages');
const modal = createModal();
const composer = createComposer('channel', (text) => say(text));
const threadComposer = createComposer('thread', (text) => say(text, place.thread));
const heading = el('header', { className: 'heading' });
const hint = el('div', { className: 'first-step', hidden: true });
const home = el('div', { className: 'home', hidden: true });
const threadHeading = el('header', { className: 'heading' });
channelPane.append(heading, home, list.node, hint, composer.node);
threadPane.append(threadHeading, threadList.node, threadComposer.node);

watch(refresh);

async function refresh() {
  const { user } = place;
  const next = await fetchState(user);
  if (user !== place.user) return;
  state = next;
  show();
}

function go(change) {
  place = { ...place, ...change };
  writePlace(place);
  if (change.user !== undefined || change.language !== undefined) {
    list.clear();
    threadList.clear();
    refresh();
  } else show();
}

async function perform(what) {
  const { ok, error } = await act(place.user, what);
  if (!ok) toast(view().words.failed(error));
}

function say(text, thread) {
  return perform({ kind: 'type', channel: place.channel, text, ...(thread && { thread }) });
}

function view() {
  const me = state?.people.find(({ id }) => id === place.user);
  const language = place.language ?? (me?.locale.startsWith('ja') ? 'ja' : 'en');
  return {
    key: `${place.user} ${language}`,
    words: wordsFor(language),
    language,
    locale: language === 'ja' ? 'ja-JP' : 'en-US',
    bot: state.bot,
    channel: place.channel,
    nameOf: (id) =>
      id === state.bot.user ? state.bot.name : (state.people.find((person) => person.id === id)?.name ?? id),
    channelName: (id) => state.channels.find((channel) => channel.id === id)?.name ?? id,
    conversations: () => state.channels.map(({ id, name }) => ({ text: `#${name}`, value: id })),
    users: () => state.people.map(({ id, name }) => ({ text: name, value: id })),
    press: (at, { blockId, actionId }) => perform({ kind: 'press', at, blockId, actionId }),
    choose: (at, { blockId, actionId }, value) => perform({ kind: 'press', at, blockId, actionId, value }),
    options: async (at, { blockId, actionId }, typed) =>
      (await act(place.user, { kind: 'options', at, blockId, actionId, typed })).options ?? [],
    shortcut: (callbackId, message) =>
      perform({
        kind: 'shortcut',
        callbackId,
        ...(message && { message: { channel: message.channel, ts: message.ts } }),
      }),
    submit: (values) => perform({ kind: 'submit', values }),
    closeModal: () => perform({ kind: 'close-modal' }),
  };
}

function show() {
  const now = view();
  document.documentElement.lang = now.language;
  const unread = unreadChannels();
  drawTop(top, state, place, now, go);
  drawSidebar(side, state, place, unread, now, openChannel);
  modal.show(state.modals[place.user], now);
  if (place.channel === HOME) showHome(now);
  else showChannel(now);
  tellOfHome();
  showThread(now);
}

function openChannel(channel) {
  go({ channel, thread: null });
}

// The bot draws App Home when it is told that it was opened: by a click, an address, or another person on the same page.
function tellOfHome() {
  const now = place.channel === HOME ? place.user : undefined;
  if (now === homeOf) return;
  homeOf = now;
  if (now !== undefined) perform({ kind: 'open-home' });
}

function unreadChannels() {
  const last = new Map(state.messages.map(({ channel, ts }) => [channel, ts]));
  seen.set(place.channel, last.get(place.channel));
  return [...last].filter(([channel, ts]) => seen.get(channel) !== ts).map(([channel]) => channel);
}

function showHome(now) {
  heading.replaceChildren(el('h1', {}, [icon('app'), ` ${state.bot.name}`]), el('small', {}, now.words.home));
  const blocks = state.homes[place.user]?.blocks;
  const key = JSON.stringify([blocks, now.key]);
  if (home.dataset.key !== key) {
    home.dataset.key = key;
    home.replaceChildren(...(blocks ? drawBlocks(blocks, HOME, now) : [el('p', {}, now.words.emptyHome)]));
  }
  home.hidden = false;
  for (const node of [list.node, hint, composer.node]) node.hidden = true;
}

function showChannel(now) {
  const channel = state.channels.find(({ id }) => id === place.channel) ?? state.channels[0];
  heading.replaceChildren(
    el('h1', {}, [channel.isPrivate ? icon('lock') : '#', ` ${channel.name}`]),
    el('small', {}, channel.topic),
  );
  home.hidden = true;
  list.node.hidden = false;
  composer.node.hidden = false;
  const here = state.messages.filter((message) => message.channel === channel.id);
  const shortcuts = state.shortcuts.filter(({ type }) => type === 'message');
  const replies = (ts) => here.filter(({ thread }) => thread === ts).length;
  list.show(
    here.filter(({ thread, broadcast }) => thread === null || broadcast),
    now,
    (message) => ({
      replies: replies(message.ts),
      openThread: () => go({ thread: message.thread ?? message.ts }),
      shortcuts,
    }),
  );
  composer.show({ placeholder: now.words.message(channel.name), words: now.words, offered: state.commands });
  showHint(channel, here, now);
}

/** A first step for who has never seen this, until somebody has spoken to the app. */
function showHint(channel, here, now) {
  const first = '/tcp check web-01';
  hint.hidden = channel.name !== 'oncall' || here.some(({ user }) => user === state.bot.user);
  if (!hint.hidden)
    hint.replaceChildren(
      now.words.hint,
      ' ',
      el('button', { type: 'button', data: { hint: 'first' }, onclick: () => composer.write(first) }, first),
    );
}

function showThread(now) {
  const parent = place.channel !== HOME && state.messages.find(({ ts }) => ts === place.thread);
  threadPane.hidden = !parent;
  document.body.classList.toggle('with-thread', Boolean(parent));
  if (!parent) return;
  const opened = threadPane.dataset.thread !== parent.ts;
  threadPane.dataset.thread = parent.ts;
  threadHeading.replaceChildren(
    el('h1', {}, now.words.thread),
    el('small', {}, `#${now.channelName(parent.channel)}`),
    el(
      'button',
      { type: 'button', className: 'close', 'aria-label': now.words.close, onclick: () => go({ thread: null }) },
      '✕',
    ),
  );
  const messages = [parent, ...state.messages.filter(({ thread }) => thread === parent.ts)];
  threadList.show(messages, now, undefined, opened);
  threadComposer.show({ placeholder: now.words.replyHere, words: now.words, offered: [] });
}
