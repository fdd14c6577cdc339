// A select whose options the app offers while one types.
import { el } from './dom.js';

export function searchSelect(element, place, ask, changed, { words }) {
  const list = el('ul', { className: 'offers', role: 'listbox', hidden: true });
  const input = el('input', {
    data: place,
    type: 'search',
    autocomplete: 'off',
    placeholder: element.placeholder?.text ?? words.search,
    value: element.initial_option?.text.text ?? '',
    role: 'combobox',
    oninput: () => offer(input.value),
    onfocus: () => offer(input.value),
    onblur: () => setTimeout(() => (list.hidden = true), 150),
    onkeydown: (event) => {
      if (event.key !== 'Enter' || list.hidden) return;
      event.preventDefault();
      list.querySelector('[role="option"]')?.click();
    },
  });
  if (element.initial_option) queueMicrotask(() => changed(element.initial_option.value));

  let asked = 0;
  async function offer(typed) {
    const number = ++asked;
    const options = await ask(typed);
    if (number !== asked) return;
    list.replaceChildren(
      ...(options.length === 0 ? [el('li', { className: 'none' }, words.noneFound)] : options.map(item)),
    );
    list.hidden = false;
  }

  function item({ text, value }) {
    const choose = () => {
      asked++;
      input.value = text;
      list.hidden = true;
      changed(value);
    };
    return el(
      'li',
      { role: 'option', tabIndex: -1, onmousedown: (event) => event.preventDefault(), onclick: choose },
      text,
    );
  }

  return el('div', { className: 'search' }, input, list);
}
