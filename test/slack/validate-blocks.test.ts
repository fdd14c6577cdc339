import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateBlocks } from './validate-blocks.ts';
import { validateView } from './validate-view.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const button = (more: object = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...more });
const section = (more: object = {}) => ({ type: 'section', text: plain('x'), ...more });
const rich = (...elements: object[]) => ({ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] });

describe('validateBlocks', () => {
  it.each<[string, object[]]>([
    ['an unknown kind', [{ type: 'alert' }]],
    ['an unknown property', [section({ colour: 'red' })]],
    ['51 blocks', Array.from({ length: 51 }, () => section())],
    ['a section of 3,001 characters', [section({ text: plain('x'.repeat(3001)) })]],
    ['a section without text or fields', [{ type: 'section' }]],
    ['eleven fields', [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }]],
    ['a header of 151 characters', [{ type: 'header', text: plain('x'.repeat(151)) }]],
    ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }]],
    [
      '26 buttons',
      [{ type: 'actions', elements: Array.from({ length: 26 }, (_, i) => button({ action_id: `a${i}` })) }],
    ],
    ['two buttons with one id', [{ type: 'actions', elements: [button(), button()] }]],
    ['two blocks with one id', [section({ block_id: 'b' }), section({ block_id: 'b' })]],
    ['a button text of 76 characters', [section({ accessory: button({ text: plain('x'.repeat(76)) }) })]],
    ['a button value of 2,001 characters', [section({ accessory: button({ value: 'x'.repeat(2001) }) })]],
    ['eleven context elements', [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('x')) }]],
    ['empty text', [section({ text: plain('') })]],
    ['empty rich text', [rich({ type: 'text', text: '' })]],
    [
      'a table of 101 rows',
      [{ type: 'table', rows: Array.from({ length: 101 }, () => [{ type: 'raw_text', text: 'x' }]) }],
    ],
    ['a markdown block of 12,001 characters', [{ type: 'markdown', text: 'x'.repeat(12_001) }]],
    ['a select without options', [section({ accessory: { type: 'static_select', action_id: 'a' } })]],
    ...[
      'no address',
      'null/runbooks/x/README.md',
      '/runbooks/x',
      'https://',
      'mailto:a@b.example',
      'javascript:x()',
    ].flatMap((url): [string, object[]][] => [
      [`a button to ${url}`, [section({ accessory: button({ url }) })]],
      [`a link to ${url}`, [rich({ type: 'link', url, text: 'x' })]],
      [`a date that leads to ${url}`, [rich({ type: 'date', timestamp: 1, format: '{date}', fallback: 'x', url })]],
      [`an image at ${url}`, [{ type: 'image', image_url: url, alt_text: 'x' }]],
    ]),
    ['an empty cell', [{ type: 'table', rows: [[{ type: 'raw_text', text: '' }]] }]],
    ['a text input in actions', [{ type: 'actions', elements: [{ type: 'plain_text_input', action_id: 'a' }] }]],
  ])('refuses %s', (_, blocks) => {
    const validated = validateBlocks(blocks, 'message');
    expect(validated).toMatchObject({ kind: 'invalid', error: 'invalid_blocks' });
    expect(validated.kind === 'invalid' && validated.messages[0]).toMatch(/^\[ERROR\] .* \[json-pointer:\/blocks/);
  });

  it('refuses a message that is too long though each block is not', () => {
    const blocks = Array.from({ length: 5 }, () => section({ text: plain('x'.repeat(2900)) }));
    expect(validateBlocks(blocks, 'message')).toMatchObject({ kind: 'invalid', error: 'msg_blocks_too_long' });
  });

  it('refuses a second table', () => {
    const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] };
    expect(validateBlocks([table, table], 'message')).toMatchObject({ kind: 'invalid', error: 'invalid_attachments' });
    expect(validateBlocks([table], 'message')).toMatchObject({ kind: 'blocks' });
  });

  it('takes what Slack takes, and gives every block and element an id', () => {
    const blocks = [
      section({ accessory: { type: 'static_select', options: [{ text: plain('5 s'), value: '5' }] } }),
      rich(
        { type: 'text', text: 'x', style: { bold: true } },
        { type: 'emoji', name: 'wave' },
        { type: 'link', url: 'https://example.com/a?b=c#d', text: 'x' },
        { type: 'date', timestamp: 1, format: '{date}', fallback: 'x' },
      ),
      { type: 'divider' },
      {
        type: 'actions',
        elements: [
          button({
            style: 'danger',
            confirm: { title: plain('?'), text: plain('?'), confirm: plain('y'), deny: plain('n') },
          }),
        ],
      },
    ];
    const validated = validateBlocks(blocks, 'message');
    expect(validated.kind).toBe('blocks');
    const filled = validated.kind === 'blocks' ? validated.blocks : [];
    expect(filled.every((block) => typeof block['block_id'] === 'string')).toBe(true);
    expect(filled[0]).toMatchObject({ accessory: { action_id: expect.any(String) } });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void validateBlocks([value], 'message')));
  });
});

describe('validateView', () => {
  it.each<[string, object]>([
    ['a title of 25 characters', { type: 'modal', title: plain('x'.repeat(25)), blocks: [] }],
    [
      'private metadata of 3,001 characters',
      { type: 'modal', title: plain('x'), blocks: [], private_metadata: 'x'.repeat(3001) },
    ],
    [
      'inputs without a submit button',
      {
        type: 'modal',
        title: plain('x'),
        blocks: [{ type: 'input', label: plain('x'), element: { type: 'plain_text_input' } }],
      },
    ],
    ['101 blocks', { type: 'home', blocks: Array.from({ length: 101 }, () => section()) }],
  ])('refuses %s', (_, view) => {
    expect(validateView(view).kind).toBe('invalid');
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void validateView(value)));
  });
});
