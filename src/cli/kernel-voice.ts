/** The words of kernel builds on the terminal. */
import type { Changes } from '#app/change-ports.ts';
import { type Change, parseChangeId } from '#domain/change.ts';
import type { Notice } from '#domain/check.ts';
import { KERNEL } from '#kinds/kernel/kind.ts';
import type { KindCards } from '#render/kind-card.ts';
import { noticeText } from '#render/notice-text.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { fill } from '#render/words.ts';
import { COMMANDS } from './act.ts';
import { UsageError } from './failure.ts';
import type { Wanted } from './kernel-wanted.ts';
import type { Session } from './session.ts';

export interface KernelVoice {
  readonly change: ChangeWords;
  readonly kinds: KindCards;
}

export async function kernelVoice({ changeWords, kinds, language, overrides }: Session): Promise<KernelVoice> {
  return { change: await changeWords(), kinds: await kinds.cards(language, overrides) };
}

/** What stands in the way of a build, or is to be borne in mind. */
export function noticeLines(
  notices: readonly Notice[],
  { host, builder }: Pick<Wanted, 'host' | 'builder'>,
  voice: KernelVoice,
): readonly string[] {
  return notices.map((notice) => `  - ${noticeText(notice, { host, builder }, voice, COMMANDS)}`);
}

/** Throws a UsageError that says why it is none. */
export async function typedBuild(
  typed: string | undefined,
  changes: Pick<Changes, 'find'>,
  session: Session,
): Promise<Change> {
  const id = parseChangeId(typed ?? '');
  const change = id && (await changes.find(id));
  const { problems, cli } = await session.changeWords();
  if (change === undefined) throw new UsageError(problems['unknown-change']);
  if (change.kind !== KERNEL) throw new UsageError(fill(cli.kernel.notKernel, { id: change.id }));
  return change;
}
