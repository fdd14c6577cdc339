/** A finished sentence for the person at the keyboard; anything else that is thrown is a bug in the lab. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
