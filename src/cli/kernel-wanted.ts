/** Which kernel is wanted, from what was typed: of which host, with which TIME_WAIT, built where and from what. */
import { isOffered } from '#app/request-kernel.ts';
import type { KernelWanted } from '#domain/check.ts';
import { sourceUrl } from '#kinds/kernel/plan.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { UsageError } from './failure.ts';
import type { Session } from './session.ts';
import { findTarget } from './target.ts';

export interface WantedOptions {
  /** The host that builds. */
  readonly on?: string;
  readonly modules?: boolean;
  readonly url?: string;
}

export type Wanted = Pick<KernelWanted, 'seconds' | 'builder' | 'config' | 'url'> & { readonly host: string };

/** Throws a UsageError that says what cannot be. */
export async function wantedOf(
  typed: string,
  seconds: number,
  { on, modules = false, url }: WantedOptions,
  words: ChangeWords,
  session: Session,
): Promise<Wanted> {
  const { name: host } = await findTarget(typed, session);
  if (!isOffered(seconds)) throw new UsageError(words.problems['bad-seconds']);
  if (url !== undefined && !sourceUrl.safeParse(url).success) throw new UsageError(words.cli.kernel.badUrl);
  const builder = on ?? session.config.changes.kernel.builder;
  if (builder === undefined) throw new UsageError(words.cli.kernel.noBuilder);
  const { name } = await findTarget(builder, session);
  return { host, seconds, builder: name, config: modules ? 'modules' : 'running', url: url ?? null };
}
