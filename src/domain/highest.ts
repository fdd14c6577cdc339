/** The highest of any number of numbers, and never below 0: Math.max takes no more arguments than the stack has room for. */
export function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
