// Draws what stands in a line: mrkdwn, and the elements of rich text.
import { el } from './dom.js';
import { emoji } from './emoji.js';
import { parseMrkdwn } from './mrkdwn.js';
import { dateToken } from './time.js';

export function mrkdwn(text, view) {
  return parseMrkdwn(text).map((node) => drawNode(node, view));
}

export function textObject(object, view) {
  if (object === undefined) return [];
  return object.type === 'mrkdwn' ? mrkdwn(object.text, view) : [plain(object.text)];
}

function plain(text) {
  return el('span', { className: 'text' }, text);
}

function drawNode(node, view) {
  switch (node.kind) {
    case 'emoji':
      return emoji(node.name);
    case 'link':
      return anchor(node.url, node.text);
    case 'user':
      return mention(view.nameOf(node.id));
    case 'channel':
      return el('span', { className: 'mention' }, `#${view.channelName(node.id)}`);
    case 'broadcast':
      return mention(node.range);
    case 'date':
      return dateToken(node, view.locale);
    case 'code':
      return el('code', {}, node.text);
    case 'pre':
      return el('pre', {}, node.text);
    case 'styled':
      return el(
        { bold: 'b', italic: 'i', strike: 's' }[node.style],
        {},
        node.children.map((child) => drawNode(child, view)),
      );
    default:
      return plain(node.text);
  }
}

function mention(name) {
  return el('span', { className: 'mention' }, `@${name}`);
}

/** Only addresses that a browser may open. */
function anchor(url, text) {
  const safe = /^(?:https?|mailto):/i.test(url);
  return safe ? el('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text) : plain(text);
}

export function richInline(element, view) {
  const drawn = drawRich(element, view);
  const { bold, italic, strike, code } = element.style ?? {};
  const tags = [code && 'code', strike && 's', italic && 'i', bold && 'b'].filter(Boolean);
  return tags.reduce((inner, tag) => el(tag, {}, inner), drawn);
}

function drawRich(element, view) {
  switch (element.type) {
    case 'link':
      return anchor(element.url, element.text ?? element.url);
    case 'user':
      return mention(view.nameOf(element.user_id));
    case 'usergroup':
      return mention(element.usergroup_id);
    case 'channel':
      return el('span', { className: 'mention' }, `#${view.channelName(element.channel_id)}`);
    case 'emoji':
      return emoji(element.name);
    case 'date':
      return dateToken(element, view.locale);
    case 'broadcast':
      return mention(element.range);
    case 'color':
      return element.value;
    default:
      return plain(element.text);
  }
}
