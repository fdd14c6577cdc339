/** What the answer of runner.sh says of a four-gates change. Pure; a host may say anything. */
import { type Deed, extendToken, type Observation } from '#change/kind.ts';
import { type Change, gateOf, type RevertReason } from '#domain/change.ts';
import { type CommandResult, neverRan } from '#domain/command.ts';

interface Answer {
  readonly state: string;
  readonly details: readonly string[];
  readonly refused: string | undefined;
  readonly extended: readonly string[];
}

export function observe(change: Change, deed: Deed, result: CommandResult, word: string, now: Date): Observation {
  const answer = result.kind === 'exited' ? readAnswer(result.stdout, word) : undefined;
  if (answer === undefined) return unanswered(deed, result);
  return change.reverts === null ? forward(change, answer, now) : back(answer);
}

/** Lines that do not begin with our word are a login banner's. Undefined where no state is said. */
function readAnswer(text: string, word: string): Answer | undefined {
  const lines = text.split('\n').map((line) => line.trimEnd().split(' '));
  const said = (name: string) => lines.filter(([first, second]) => first === word && second === name);
  const [, , state, ...details] = said('state')[0] ?? [];
  if (state === undefined) return undefined;
  const extended = said('extended').flatMap(([, , token]) => token ?? []);
  return { state, details, refused: said('refused')[0]?.[2], extended };
}

/** Of a host that was only asked, or not told to cancel, nothing is known. */
function unanswered(deed: Deed, result: CommandResult): Observation {
  return deed !== 'look' && deed !== 'cancel' && neverRan(result)
    ? refused(result.kind)
    : { kind: 'unclear', why: result.kind, isWord: false };
}

/** Which gate's work is done in each state of the host. */
const DONE: Readonly<Record<string, string>> = { built: 'build', installed: 'install', trial: 'boot', kept: 'keep' };

function forward(change: Change, answer: Answer, now: Date): Observation {
  const [first = ''] = answer.details;
  switch (answer.state) {
    case 'building':
      return { kind: 'running', progress: first };
    case 'failed':
      return refused(first);
    case 'undone':
      return { kind: 'undone', why: first === 'timer' ? 'timer' : PERSON, remarks: [] };
    case 'trial':
      return onTrial(change, answer, now);
    case 'none':
      return isGate(change, 'build', 'install')
        ? neverBegun(answer)
        : { kind: 'unclear', why: 'journal-gone', isWord: true };
    default:
      return done(change, answer, null, first);
  }
}

const PERSON: RevertReason = 'person';

function onTrial(change: Change, answer: Answer, now: Date): Observation {
  const [left = '', artefact = ''] = answer.details;
  if (!/^\d{1,6}$/.test(left)) return { kind: 'unclear', why: 'state trial', isWord: false };
  const reverts = new Date(now.getTime() + Number(left) * 1000);
  const token = extendToken(change);
  const isLonger = token !== '' && answer.extended.includes(token);
  return isLonger ? { kind: 'extended', reverts } : done(change, answer, reverts, artefact);
}

function done({ gates, state }: Change, answer: Answer, reverts: Date | null, artefact: string): Observation {
  const gate = DONE[answer.state];
  const at = gates.findIndex(({ name }) => name === gate);
  const behind = state.kind === 'ended' ? 0 : state.gate - at;
  if (gate === undefined || at < 0 || !/^[0-9a-f]{64}$/.test(artefact) || behind > 1)
    return { kind: 'unclear', why: `state ${answer.state}`, isWord: false };
  if (behind === 1 && reverts === null) return neverBegun(answer);
  const why = answer.refused;
  return { kind: 'done', gate, reverts, artefact, remarks: [], ...(why !== undefined && { why }) };
}

/** Of what was kept. The order is given again each time it is asked how that stands. */
function back({ state, refused: why }: Answer): Observation {
  if (state === 'undone') return { kind: 'done', gate: 'rollback', reverts: null, artefact: null, remarks: [] };
  return state === 'kept' ? refused(why ?? 'not-reverted') : { kind: 'unclear', why: `state ${state}`, isWord: false };
}

function isGate(change: Change, ...names: readonly string[]): boolean {
  return names.includes(gateOf(change)?.name ?? '');
}

function neverBegun({ refused: why }: Answer): Observation {
  return refused(why ?? 'never-begun');
}

function refused(code: string): Observation {
  return { kind: 'refused', failure: { code, detail: '' } };
}
