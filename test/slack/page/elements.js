// Draws what can be pressed, chosen and filled in, and tells the page what was.
import { confirmFirst } from './confirm.js';
import { el } from './dom.js';
import { searchSelect } from './search-select.js';

export function drawElement(element, block, at, view) {
  const place = { blockId: block.block_id, actionId: element.action_id };
  const changed = (value) => view.choose(at, place, value);
  switch (element.type) {
    case 'button':
      return button(element, at, place, view);
    case 'static_select':
    case 'radio_buttons':
      return select(element, place, optionsOf(element), element.initial_option?.value, changed, view);
    case 'overflow':
      return select(element, place, optionsOf(element), undefined, changed, view);
    case 'conversations_select':
      return select(
        element,
        place,
        view.conversations(),
        element.initial_conversation ?? (element.default_to_current_conversation ? view.channel : undefined),
        changed,
        view,
      );
    case 'users_select':
      return select(element, place, view.users(), element.initial_user, changed, view);
    case 'external_select':
      return searchSelect(element, place, (typed) => view.options(at, place, typed), changed, view);
    case 'plain_text_input':
      return textInput(element, place, changed);
    case 'image':
      return el('img', { src: element.image_url, alt: element.alt_text });
    default:
      return el('em', {}, `[${element.type}]`);
  }
}

function button(element, at, place, view) {
  const press = () => view.press(at, place);
  return el(
    'button',
    {
      type: 'button',
      className: `action ${element.style ?? ''}`,
      data: place,
      onclick: () => (element.confirm ? confirmFirst(element.confirm, press) : press()),
    },
    element.text.text,
  );
}

function optionsOf({ options = [], option_groups: groups = [] }) {
  return [...options, ...groups.flatMap((group) => group.options)].map(({ text, value }) => ({
    text: text.text,
    value,
  }));
}

function select(element, place, options, initial, changed, view) {
  const node = el(
    'select',
    { data: place, 'aria-label': element.placeholder?.text ?? view.words.choose, onchange: () => changed(node.value) },
    el(
      'option',
      { value: '', disabled: true, selected: initial === undefined },
      element.placeholder?.text ?? view.words.choose,
    ),
    options.map(({ text, value }) => el('option', { value, selected: value === initial }, text)),
  );
  if (initial !== undefined) queueMicrotask(() => changed(initial));
  return node;
}

function textInput(element, place, changed) {
  const node = el(element.multiline ? 'textarea' : 'input', {
    data: place,
    placeholder: element.placeholder?.text ?? '',
    value: element.initial_value ?? '',
    oninput: () => changed(node.value),
  });
  return node;
}
