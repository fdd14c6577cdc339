// A short word about something that did not work.
import { el } from './dom.js';

const SHOWN_MS = 5000;

export function toast(text) {
  const node = el('div', { className: 'toast', role: 'status' }, text);
  document.querySelector('.layer').append(node);
  setTimeout(() => node.remove(), SHOWN_MS);
}
