/** Fills in the tokens of a ProxyCommand: ssh_config(5), "TOKENS". */

export interface TokenValues {
  /** %h: where to connect to. */
  readonly address: string;
  /** %n: as it was asked for. */
  readonly name: string;
  readonly port: number;
  /** %r: the account there. */
  readonly user: string;
}

export type FilledIn =
  | { readonly kind: 'filled'; readonly command: string }
  /** `why`: half a sentence. */
  | { readonly kind: 'refused'; readonly why: string };

/** A shell may read the command, and a program its words: nothing in them may mean anything to either. */
const HARMLESS = /^[A-Za-z0-9_.:[\]@+,%][A-Za-z0-9_.:[\]@+,%=/-]*$/;

export function isHarmless(text: string): boolean {
  return HARMLESS.test(text);
}

export function fillTokens(command: string, { address, name, port, user }: TokenValues): FilledIn {
  const values: Readonly<Record<string, string>> = { h: address, n: name, p: String(port), r: user };
  let why: string | undefined;
  const filled = command.replaceAll(/%(.?)/gs, (_, token: string) => {
    if (token === '%') return '%';
    const value = values[token];
    if (value === undefined) why ??= `its ProxyCommand has the token %${token}, which ssh does not know there`;
    else if (!isHarmless(value)) why ??= `its ProxyCommand would get "${value}" for %${token}, which a shell may obey`;
    return value ?? '';
  });
  return why === undefined ? { kind: 'filled', command: filled } : { kind: 'refused', why };
}
