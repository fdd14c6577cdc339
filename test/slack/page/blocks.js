// Draws blocks as Slack does.
import { el } from './dom.js';
import { drawElement } from './elements.js';
import { mrkdwn, richInline, textObject } from './inline.js';

/** `at` says where the blocks are, for what is pressed in them. */
export function drawBlocks(blocks, at, view) {
  return blocks.map((block) =>
    el('div', { className: `block ${block.type}`, data: { blockId: block.block_id } }, drawBlock(block, at, view)),
  );
}

function drawBlock(block, at, view) {
  switch (block.type) {
    case 'header':
      return el('h3', {}, block.text.text);
    case 'divider':
      return el('hr');
    case 'section':
      return section(block, at, view);
    case 'context':
      return block.elements.map((element) =>
        element.type === 'image'
          ? el('img', { src: element.image_url, alt: element.alt_text })
          : el('span', {}, textObject(element, view)),
      );
    case 'actions':
      return block.elements.map((element) => drawElement(element, block, at, view));
    case 'image':
      return el('img', { src: block.image_url, alt: block.alt_text });
    case 'input':
      return input(block, at, view);
    case 'rich_text':
      return block.elements.map((part) => richPart(part, view));
    case 'table':
      return table(block, view);
    case 'markdown':
      return el('div', { className: 'markdown' }, block.text);
    default:
      return el('em', {}, `[${block.type}]`);
  }
}

function section({ text, fields = [], accessory, ...block }, at, view) {
  return [
    el(
      'div',
      { className: 'body' },
      textObject(text, view),
      fields.length > 0 &&
        el(
          'div',
          { className: 'fields' },
          fields.map((field) => el('div', {}, textObject(field, view))),
        ),
    ),
    accessory && drawElement(accessory, block, at, view),
  ];
}

function input(block, at, view) {
  return el(
    'label',
    { className: 'field' },
    el('span', { className: 'label' }, block.label.text),
    drawElement(block.element, block, at, view),
    block.hint && el('small', {}, block.hint.text),
    el('span', { className: 'error', role: 'alert', data: { errorFor: block.block_id } }),
  );
}

function richPart(part, view) {
  const inline = (elements) => elements.map((element) => richInline(element, view));
  switch (part.type) {
    case 'rich_text_list': {
      const tag = part.style === 'ordered' ? 'ol' : 'ul';
      return el(
        tag,
        { className: `indent-${part.indent ?? 0}` },
        part.elements.map((item) => el('li', {}, inline(item.elements))),
      );
    }
    case 'rich_text_preformatted':
      return el('pre', {}, inline(part.elements));
    case 'rich_text_quote':
      return el('blockquote', {}, inline(part.elements));
    default:
      return el('div', { className: 'line' }, inline(part.elements));
  }
}

function table({ rows }, view) {
  const cell = (tag) => (content) =>
    el(tag, {}, content.type === 'rich_text' ? content.elements.map((part) => richPart(part, view)) : content.text);
  const [head = [], ...body] = rows;
  return el(
    'div',
    { className: 'table' },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, head.map(cell('th')))),
      el(
        'tbody',
        {},
        body.map((row) => el('tr', {}, row.map(cell('td')))),
      ),
    ),
  );
}

/** A message without blocks is its text. */
export function drawText(text, view) {
  return el('div', { className: 'block section' }, el('div', { className: 'body' }, mrkdwn(text, view)));
}
