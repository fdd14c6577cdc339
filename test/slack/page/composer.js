// Where one types. Enter sends, Shift+Enter begins a new line; slash commands are offered as one types them.
import { el } from './dom.js';

export function createComposer(name, send) {
  const area = el('textarea', { rows: 1, data: { composer: name }, onkeydown: onKey, oninput: () => hintAt() });
  const hint = el('div', { className: 'command-hint', hidden: true });
  const button = el('button', { type: 'button', className: 'send', onclick: submit }, '➤');
  const node = el('div', { className: 'composer' }, hint, el('div', { className: 'box' }, area, button));
  let commands = [];

  function onKey(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  }

  async function submit() {
    const text = area.value.trim();
    if (text === '') return;
    area.value = '';
    hintAt();
    await send(text);
  }

  function hintAt() {
    const found = commands.find(
      ({ command }) =>
        area.value.startsWith('/') &&
        (command.startsWith(area.value) || area.value.startsWith(`${command} `) || area.value === command),
    );
    hint.hidden = found === undefined;
    if (found)
      hint.replaceChildren(
        el('b', {}, found.command),
        ' ',
        el('span', {}, found.usageHint),
        el('small', {}, found.description),
      );
  }

  return {
    node,
    show({ placeholder, words, offered }) {
      area.placeholder = placeholder;
      area.setAttribute('aria-label', placeholder);
      button.title = words.send;
      commands = offered;
    },
    write(text) {
      area.value = text;
      area.focus();
      hintAt();
    },
  };
}
