// Emoji that are written by name: ours as pictures, a few as characters, all others as :name:.
import { icon } from './icons.js';

const CHARACTERS = {
  x: '❌',
  mag: '🔍',
  wave: '👋',
  eyes: '👀',
  tada: '🎉',
  raised_hand: '✋',
  test_tube: '🧪',
  white_check_mark: '✅',
  leftwards_arrow_with_hook: '↩️',
  no_entry_sign: '🚫',
  hourglass: '⌛',
  arrows_counterclockwise: '🔄',
  grey_question: '❔',
  rotating_light: '🚨',
  snowflake: '❄️',
  sunny: '☀️',
};

export function emoji(name) {
  return icon(name) ?? CHARACTERS[name] ?? `:${name}:`;
}
