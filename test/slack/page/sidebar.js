// The bar at the top, with whom one is, and the bar at the side, with where one may go.
import { el } from './dom.js';
import { icon } from './icons.js';

export function drawTop(node, state, place, { words, language }, go) {
  const people = el(
    'select',
    { data: { personSwitch: '' }, 'aria-label': words.you, onchange: () => go({ user: people.value, language: null }) },
    state.people.map(({ id, name, kind, locale }) =>
      el(
        'option',
        { value: id, selected: id === place.user },
        `${name}${kind === 'member' ? '' : ` (${kind})`}${locale.startsWith('ja') ? ' (日本語)' : ''}`,
      ),
    ),
  );
  const other = language === 'ja' ? 'en' : 'ja';
  node.replaceChildren(
    el('span', { className: 'who' }, words.you, ' ', people),
    el(
      'span',
      { className: `status ${state.connected ? 'on' : 'off'}` },
      state.connected ? words.connected : words.notConnected,
    ),
    el('button', { type: 'button', className: 'language', onclick: () => go({ language: other }) }, words.language),
  );
}

export function drawSidebar(node, state, place, unread, { words, shortcut }, open) {
  const item = (id, label) =>
    el(
      'button',
      {
        type: 'button',
        className: `item ${id === place.channel ? 'current' : ''} ${unread.includes(id) ? 'unread' : ''}`,
        data: { channel: id },
        onclick: () => open(id),
      },
      label,
    );
  node.replaceChildren(
    el('h2', {}, state.workspace.name),
    el('h3', {}, words.channels),
    ...state.channels.map(({ id, name, isPrivate }) => item(id, [isPrivate ? icon('lock') : '#', ` ${name}`])),
    el('h3', {}, words.apps),
    item('home', [icon('app'), ` ${state.bot.name}`]),
    el('h3', {}, words.shortcuts),
    ...state.shortcuts
      .filter(({ type }) => type === 'global')
      .map(({ callbackId, name }) =>
        el(
          'button',
          { type: 'button', className: 'item', data: { shortcut: callbackId }, onclick: () => shortcut(callbackId) },
          [icon('app'), ` ${name}`],
        ),
      ),
  );
}
