// Asks before something is pressed that cannot be taken back.
import { el } from './dom.js';

export function confirmFirst({ title, text, confirm, deny, style }, go) {
  const layer = document.querySelector('.layer');
  const close = () => dialog.remove();
  const yes = el(
    'button',
    {
      type: 'button',
      className: `action ${style ?? 'primary'}`,
      data: { confirm: 'yes' },
      onclick: () => {
        close();
        go();
      },
    },
    confirm.text,
  );
  const dialog = el(
    'div',
    {
      className: 'backdrop',
      onclick: (event) => event.target === dialog && close(),
      onkeydown: (event) => event.key === 'Escape' && close(),
    },
    el(
      'div',
      { className: 'dialog small', role: 'alertdialog', 'aria-label': title.text },
      el('h2', {}, title.text),
      el('p', {}, text.text),
      el('footer', {}, el('button', { type: 'button', className: 'action', onclick: close }, deny.text), yes),
    ),
  );
  layer.append(dialog);
  yes.focus();
}
