// Emoji that are written by name: ours as pictures, a few as characters, all others as :name:.
import { icon } from './icons.js';

const CHARACTERS = { x: '❌', mag: '🔍', wave: '👋', eyes: '👀', tada: '🎉' };

export function emoji(name) {
  return icon(name) ?? CHARACTERS[name] ?? `:${name}:`;
}
