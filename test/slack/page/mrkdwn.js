// Slack's mrkdwn as a tree of plain data, so that it can be drawn without ever becoming markup. Pure.

const LINK = /^<(?<target>[^<>|]+)(?:\|(?<label>[^<>]*))?>/;
const EMOJI = /^:(?<name>[a-z0-9_+-]+):/;
const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' };

/** Nodes: text, emoji, link, user, channel, broadcast, date, code, pre, and styled with children. */
export function parseMrkdwn(text) {
  const nodes = [];
  let rest = text;
  let plain = '';
  const flush = () => {
    if (plain !== '') nodes.push({ kind: 'text', text: unescapeText(plain) });
    plain = '';
  };
  while (rest !== '') {
    const found = special(rest, plain.at(-1) ?? nodeEnd(nodes));
    if (found === undefined) {
      plain += rest[0];
      rest = rest.slice(1);
      continue;
    }
    flush();
    nodes.push(found.node);
    rest = rest.slice(found.length);
  }
  flush();
  return nodes;
}

function nodeEnd(nodes) {
  return nodes.length === 0 ? ' ' : '.';
}

function special(rest, before) {
  const link = LINK.exec(rest);
  if (link !== null) return { node: target(link.groups), length: link[0].length };
  const emoji = EMOJI.exec(rest);
  if (emoji !== null) return { node: { kind: 'emoji', name: emoji.groups.name }, length: emoji[0].length };
  return code(rest) ?? styled(rest, before);
}

function code(rest) {
  for (const [fence, kind] of [
    ['```', 'pre'],
    ['`', 'code'],
  ]) {
    const end = rest.startsWith(fence) ? rest.indexOf(fence, fence.length) : -1;
    if (end > fence.length) {
      return { node: { kind, text: unescapeText(rest.slice(fence.length, end)) }, length: end + fence.length };
    }
  }
  return undefined;
}

/** Only at the edge of a word, as Slack does: snake_case stays as it is. */
function styled(rest, before) {
  const style = STYLES[rest[0]];
  if (style === undefined || /[\p{L}\p{N}]/u.test(before)) return undefined;
  const end = rest.indexOf(rest[0], 1);
  const inside = rest.slice(1, end);
  if (end < 2 || inside.includes('\n') || inside.trim() !== inside || /[\p{L}\p{N}]/u.test(rest[end + 1] ?? ''))
    return undefined;
  return { node: { kind: 'styled', style, children: parseMrkdwn(inside) }, length: end + 1 };
}

function target({ target: to, label }) {
  const text = label === undefined ? undefined : unescapeText(label);
  if (to.startsWith('@')) return { kind: 'user', id: to.slice(1) };
  if (to.startsWith('#')) return { kind: 'channel', id: to.slice(1) };
  if (to.startsWith('!date^')) {
    const [, seconds = '0', format = '{date}'] = to.split('^');
    return { kind: 'date', timestamp: Number(seconds), format, fallback: text ?? '' };
  }
  if (to.startsWith('!')) return { kind: 'broadcast', range: to.slice(1) };
  return { kind: 'link', url: unescapeText(to), text: text ?? unescapeText(to) };
}

function unescapeText(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
