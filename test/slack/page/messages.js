// A list of messages that changes as little as possible: each is drawn again only when it has changed.
import { drawBlocks, drawText } from './blocks.js';
import { el } from './dom.js';
import { icon } from './icons.js';
import { clock } from './time.js';

export function createMessageList(className) {
  const node = el('div', { className: `messages ${className}`, role: 'log', 'aria-live': 'polite' });
  const drawn = new Map();

  /** `extra` is part of what a message shows: it is drawn again when that changes. */
  function show(messages, view, extra = () => ({}), fromTop = false) {
    const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 80;
    const wanted = new Set(messages.map(({ ts }) => ts));
    let added = false;
    for (const [ts, { row }] of drawn) {
      if (wanted.has(ts)) continue;
      row.remove();
      drawn.delete(ts);
    }
    for (const [index, message] of messages.entries()) {
      const more = extra(message);
      const key = JSON.stringify([message, more, view.key]);
      const before = drawn.get(message.ts);
      if (before?.key === key) continue;
      const row = drawMessage(message, more, view);
      if (before) before.row.replaceWith(row);
      else {
        node.insertBefore(row, node.children[index] ?? null);
        added = true;
      }
      drawn.set(message.ts, { key, row });
    }
    if (fromTop) node.scrollTop = 0;
    else if (atEnd || added) node.scrollTop = node.scrollHeight;
  }

  function clear() {
    drawn.clear();
    node.replaceChildren();
  }

  return { node, show, clear };
}

function drawMessage(message, { replies = 0, openThread, shortcuts = [] }, view) {
  const isApp = message.user === view.bot.user;
  const name = view.nameOf(message.user);
  const at = { channel: message.channel, message: message.ts };
  return el(
    'article',
    { className: `message ${message.onlyFor ? 'private' : ''}`, data: { messageTs: message.ts } },
    el(
      'div',
      {
        className: `avatar ${isApp ? 'app' : ''}`,
        style: isApp ? '' : `background:${colourOf(name)}`,
        'aria-hidden': 'true',
      },
      isApp ? icon('app') : name.slice(0, 1).toUpperCase(),
    ),
    el(
      'div',
      { className: 'content' },
      message.onlyFor && el('div', { className: 'only-you' }, view.words.onlyYou),
      message.broadcast && openThread && el('div', { className: 'only-you' }, view.words.broadcast),
      el(
        'header',
        {},
        el('b', {}, name),
        isApp && el('span', { className: 'badge' }, view.words.app),
        el('time', {}, clock(message.ts, view.locale)),
      ),
      message.blocks.length > 0
        ? drawBlocks(message.blocks, at, view)
        : message.text !== '' && drawText(message.text, view),
      message.edited && el('small', { className: 'edited' }, view.words.edited),
      message.files.map((file) => drawFile(file)),
      message.reactions.length > 0 &&
        el(
          'div',
          { className: 'reactions' },
          message.reactions.map(({ name: reaction, users }) => el('span', {}, `:${reaction}: ${users.length}`)),
        ),
      replies > 0 &&
        el(
          'button',
          { type: 'button', className: 'replies', data: { threadOpen: message.ts }, onclick: openThread },
          view.words.replies(replies),
        ),
    ),
    !message.onlyFor && openThread && toolbar(message, openThread, shortcuts, view),
  );
}

function toolbar(message, openThread, shortcuts, view) {
  return el(
    'div',
    { className: 'toolbar' },
    el(
      'button',
      { type: 'button', title: view.words.reply, 'aria-label': view.words.reply, onclick: openThread },
      icon('reply'),
    ),
    shortcuts.map(({ callbackId, name }) =>
      el(
        'button',
        { type: 'button', data: { shortcut: callbackId }, onclick: () => view.shortcut(callbackId, message) },
        name,
      ),
    ),
  );
}

function drawFile({ name, title, size, url }) {
  return el(
    'a',
    { className: 'file', href: url, target: '_blank', rel: 'noopener' },
    icon('file'),
    el('span', {}, el('b', {}, title), el('small', {}, `${name} · ${Math.ceil(size / 1024)} KB`)),
  );
}

function colourOf(name) {
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0) * 47, 0) % 360;
  return `hsl(${hue} 45% 45%)`;
}
