/** What one process may do: speak Slack, log in to hosts, answer over HTTP. */

export const ROLES = ['slack', 'worker', 'web'] as const;

export type Role = (typeof ROLES)[number];

/** `slack,worker`; undefined when one of them is no role. */
export function parseRoles(text: string): readonly Role[] | undefined {
  const words = text.split(',').map((word) => word.trim());
  const roles = ROLES.filter((role) => words.includes(role));
  return words.every((word) => (ROLES as readonly string[]).includes(word)) && roles.length > 0 ? roles : undefined;
}
