import { describe, expect, it } from 'vitest';
import { joinSentences } from './wording.ts';

describe('sentences on one line', () => {
  it.each([
    [['It failed.', 'Try again.'], 'It failed. Try again.'],
    [['失敗しました。', 'もう一度試してください。'], '失敗しました。もう一度試してください。'],
    [['失敗しました。', 'net.ipv4.tcp_rmem は 4096 です。'], '失敗しました。net.ipv4.tcp_rmem は 4096 です。'],
    [['It failed.'], 'It failed.'],
  ])('%j', (sentences, line) => expect(joinSentences(sentences)).toBe(line));
});
