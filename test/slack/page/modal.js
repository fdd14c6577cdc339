// The open modal: drawn anew only when the app changed it, so that what was filled in stays.
import { drawBlocks } from './blocks.js';
import { el } from './dom.js';

export function createModal() {
  const layer = document.querySelector('.layer');
  let shown;
  let node;

  function close() {
    node?.remove();
    node = undefined;
    shown = undefined;
  }

  function show(modal, view) {
    const { errors, ...drawn } = modal ?? {};
    const key = modal && JSON.stringify([drawn, view.key]);
    if (key !== shown) {
      close();
      if (modal) draw(modal, view);
      shown = key;
    }
    if (modal) sayErrors(errors);
  }

  /** Below each field; what was filled in stays. */
  function sayErrors(errors) {
    for (const error of node.querySelectorAll('[data-error-for]'))
      error.textContent = errors[error.dataset.errorFor] ?? '';
  }

  function draw(modal, view) {
    const values = {};
    const inModal = {
      ...view,
      choose: (_, { blockId, actionId }, value) => {
        values[blockId] = { ...values[blockId], [actionId]: value };
      },
    };
    const form = el(
      'form',
      {
        className: 'dialog',
        role: 'dialog',
        'aria-label': modal.title,
        data: { modal: modal.id },
        onsubmit: (event) => {
          event.preventDefault();
          view.submit(values);
        },
      },
      el(
        'header',
        {},
        el('h2', {}, modal.title),
        el(
          'button',
          { type: 'button', className: 'close', 'aria-label': view.words.close, onclick: view.closeModal },
          '✕',
        ),
      ),
      el('div', { className: 'blocks' }, drawBlocks(modal.blocks, 'modal', inModal)),
      el(
        'footer',
        {},
        el(
          'button',
          { type: 'button', className: 'action', onclick: view.closeModal },
          modal.close ?? view.words.cancel,
        ),
        modal.submit &&
          el('button', { type: 'submit', className: 'action primary', data: { submit: 'modal' } }, modal.submit),
      ),
    );
    node = el(
      'div',
      { className: 'backdrop', onkeydown: (event) => event.key === 'Escape' && view.closeModal() },
      form,
    );
    layer.append(node);
    form.querySelector('input, select, textarea')?.focus();
  }

  return { show };
}
