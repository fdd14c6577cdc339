/** What a builder's answer says: of its build dependencies, and of the build. Pure. */
import type { Deed, Observation } from '#change/kind.ts';
import { failureOf } from '#domain/change-failure.ts';
import { isOrder } from '../unanswered.ts';
import type { KernelAnswer } from './helper-answer.ts';
import type { RunnerAnswer } from './runner-answer.ts';

export function observePrepare({ prepare, refused }: KernelAnswer, deed: Deed): Observation {
  if (refused !== null && isOrder(deed)) return { kind: 'refused', failure: failureOf(refused.join(' ')) };
  switch (prepare?.name) {
    case 'prepared':
      return { kind: 'done', gate: 'prepare', reverts: null, artefact: null, remarks: [] };
    case 'installing':
      return { kind: 'running', progress: 'prepare' };
    case 'failed':
      return { kind: 'refused', failure: { code: 'prepare-failed', detail: prepare.text } };
    case 'none':
      return { kind: 'not-begun' };
    case undefined:
      return { kind: 'unclear', why: refused?.join(' ') ?? 'no state', isWord: false };
  }
}

export function observeBuild(said: RunnerAnswer): Observation {
  const { state } = said;
  switch (state.kind) {
    case 'none':
      return { kind: 'not-begun' };
    case 'queued':
      return { kind: 'running', progress: `queue ${state.owner ?? '-'}` };
    case 'building':
      return { kind: 'running', progress: progressOf(said) };
    case 'interrupted':
      return { kind: 'running', progress: `again ${state.by}` };
    case 'built':
      return { kind: 'done', gate: 'build', reverts: null, artefact: state.manifest, remarks: [] };
    case 'cancelled':
      return { kind: 'undone', why: 'person', remarks: [] };
    case 'failed':
      return { kind: 'refused', failure: { code: `build-${state.code}`, detail: failureDetail(said, state.text) } };
  }
}

/** `build STAGE PERCENT|- ETA_SECONDS|- QUIET_SECONDS LAST`: the card has words for it. */
function progressOf({ stage, progress, last }: RunnerAnswer): string {
  const { percent = null, etaSeconds = null, quietSeconds = 0 } = progress ?? {};
  return `build ${stage ?? '-'} ${percent ?? '-'} ${etaSeconds ?? '-'} ${quietSeconds} ${last}`;
}

/** What is missing may be more than the text has room for. */
function failureDetail({ missing }: RunnerAnswer, text: string): string {
  return missing.length > 0 ? missing.join(' ') : text;
}
