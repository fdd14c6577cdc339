/** What an order says that the helper on a host is given, for hosts in memory and for those who judge them. */

export interface Order {
  readonly seconds: number;
  readonly steps: readonly { readonly key: string; readonly from: string; readonly to: string }[];
}

export function readOrder(text: string): Order {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const steps = lines.filter(([name]) => name === 'step');
  return {
    seconds: Number(lines.find(([name]) => name === 'revert')?.[1]),
    steps: steps.map(([, key = '', , from = '', to = '']) => ({ key, from, to })),
  };
}
