/** What the card of a kernel change and its thread say at every stage: Slack takes it, and nothing a host wrote is parsed or calls anybody. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadKindCards } from '#catalogue.ts';
import type { Change, ChangeId, ChangeState, Proof } from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import { fact } from '#domain/fact.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { makePlan } from '#kinds/kernel/make-plan.ts';
import type { KernelPlan } from '#kinds/kernel/plan.ts';
import { pingsOf } from '#local-slack/pings.ts';
import { validateBlocks } from '#local-slack/validate-blocks.ts';
import { validateView } from '#local-slack/validate-view.ts';
import { buttonsOf as buttonsOfChange } from '#render/slack/change-buttons.ts';
import { changeCard } from '#render/slack/change-card.ts';
import { narrowModal } from '#render/slack/change-modals.ts';
import { tellings } from '#render/slack/change-told.ts';
import { keptFileMessage, missedFileMessage } from '#render/slack/kept-file.ts';
import { kernelStatus } from '#render/slack/kernel-status.ts';
import type { SlackMessage, SlackVoice } from '#render/slack/message.ts';
import type { ShownChange } from '#render/slack/shown-change.ts';
import { loadVoices } from '#serve/voices.ts';
import { ended } from '../bot/change-samples.ts';
import { gateOf, changeOf as sysctlChange } from '../bot/example-change.ts';
import { BUILDER_SAYS, framed, TARGET_SAYS } from '../bot/kernel-preflight.ts';
import { wordsOf } from '../bot/seen.ts';

const NOW = new Date('2026-11-30T20:04:05Z');
const LATER = new Date('2026-12-01T08:04:05Z');
const HOSTILE = '<!channel> <@U0MALLORY> *bold* `x` \u202e\u001b[31m $(reboot) {{host}} ';
const [ALICE, BOB]: readonly Actor[] = [
  { surface: 'slack', id: 'U0ALICE' },
  { surface: 'slack', id: 'U0BOB' },
];
const MAY_PING = ['U0ALICE', 'U0BOB'];
const GATES = ['prepare', 'build', 'install', 'boot', 'keep'];
const PROGRESS = [
  '',
  'build compile 43 120 5 CC net/ipv4/tcp.o',
  'build configure - - 0 ',
  'queue aaaaaaaa',
  'again reboot',
  'install pin',
  'boot',
  'reboot',
  'verify',
  HOSTILE,
];

const voices = new Map<Language, SlackVoice>();

beforeAll(async () => {
  const loaded = await loadVoices({
    overrides: null,
    cards: loadKindCards,
    slack: { mode: 'socket', channels: new Map(), runbooks: undefined },
  });
  for (const language of LANGUAGES) voices.set(language, loaded.voice(language));
});

function plan(): KernelPlan {
  const aim = { host: 'web-01', builder: 'builder-01', seconds: 15, config: 'modules', url: null } as const;
  const made = makePlan(aim, {
    report: { verdicts: [] },
    proposals: [],
    target: { text: framed('T', TARGET_SAYS), word: 'T' },
    builder: { text: framed('B', BUILDER_SAYS, 'missing flex'), word: 'B' },
  });
  if (made.kind === 'refused') throw new Error(JSON.stringify(made.why));
  return made.plan;
}

const measures = (seconds: number) => ({
  seconds: fact(seconds, 'seconds', 'helper'),
  connections: fact(Math.floor(28_232 / seconds), 'per-second', 'helper'),
});
const PROOF: Proof = { at: NOW, before: measures(60), after: measures(15.2), verdict: 'cured' };

/** It has come as far as its state says: gates before that were approved by bob. */
function changeIn(state: ChangeState, open: number): Change {
  const approvals = [{ by: BOB as Actor, at: NOW, hash: 'a'.repeat(64), signature: null, userGroups: [] }];
  const gates = GATES.map((name, index) =>
    gateOf(name, {
      host: index < 2 ? 'builder-01' : 'web-01',
      expiresAt: index <= open ? LATER : null,
      approvals: index < open ? approvals : [],
    }),
  );
  return {
    ...sysctlChange(),
    id: 'bbbbbbbb' as ChangeId,
    kind: 'kernel',
    plan: plan(),
    run: 'cccccccc' as CheckId,
    gates,
    requester: ALICE as Actor,
    reason: HOSTILE,
    proofs: open > 3 ? [PROOF] : [],
    state,
  };
}

function statesAt(gate: number): readonly ChangeState[] {
  const reverts = gate === 4 ? LATER : null;
  const wish = { what: 'cancel', by: BOB as Actor, at: NOW } as const;
  const base = { at: NOW, gate, reverts };
  return [
    { kind: 'waiting', ...base, wish: null, dropped: null },
    { kind: 'queued', ...base, holder: null, away: null },
    { kind: 'queued', ...base, holder: 'dddddddd' as ChangeId, away: null },
    { kind: 'queued', ...base, holder: null, away: 'builder-01' },
    { kind: 'working', ...base, wish: null, running: true },
    { kind: 'working', ...base, wish, running: true },
    { kind: 'unclear', at: NOW, gate, why: 'not-back', wish: null, began: true },
    ended(NOW, { how: 'expired' }),
    ended(NOW, { how: 'denied', by: BOB as Actor, reason: HOSTILE }),
    ended(NOW, { how: 'undone', by: null, why: gate === 1 ? 'person' : 'fell-back', remarks: [] }),
    ended(NOW, { how: 'failed', failure: { code: 'build-compile', detail: HOSTILE } }),
    ended(NOW, { how: 'done', by: BOB as Actor, remarks: [] }),
  ];
}

const CHANGES = GATES.flatMap((_, gate) => statesAt(gate).map((state) => changeIn(state, gate)));

function shownOf(change: Change, line = ''): ShownChange {
  const people = { approvers: { users: ['U0BOB'], userGroups: [] }, reviewers: { users: [], userGroups: [] } };
  const progress = { line, silentSince: line === HOSTILE ? NOW : null };
  const timing = { waitsUntil: LATER, closesSoon: true };
  return { change, hash: 'a'.repeat(64), ...people, ...timing, freezes: [], progress, taker: null };
}

function faultsOf({ text, blocks }: SlackMessage): readonly string[] {
  const validated = validateBlocks(blocks, 'message');
  const calls = pingsOf(text, blocks as never).filter((who) => !MAY_PING.includes(who));
  const json = JSON.stringify(blocks);
  return [
    ...(validated.kind === 'blocks' ? [] : validated.messages),
    ...(text === '' ? ['no text'] : []),
    ...calls.map((who) => `calls ${who}`),
    ...(/undefined|NaN|\{\{(?!host)/.test(json) ? [json] : []),
  ];
}

describe.each(LANGUAGES)('in %s', (language) => {
  const voice = () => voices.get(language) as SlackVoice;
  const buttons = (change: Change, line = '') => buttonsOfChange(shownOf(change, line), voice());
  const actions = (change: Change, line = '') => buttons(change, line).map(({ action_id: action }) => action);
  const at = (gate: number, kind: number) => changeIn(statesAt(gate)[kind] as ChangeState, gate);

  it('a card and what its thread is told are taken at every stage, whatever the host says of its work', () => {
    for (const change of CHANGES)
      for (const line of PROGRESS) {
        const shown = shownOf(change, line);
        const said = [changeCard(shown, voice()), ...tellings(shown, voice()).map(({ message }) => message)];
        expect(said.flatMap(faultsOf)).toEqual([]);
      }
  });

  it('every stage has a headline of its own, and no key shows', () => {
    const headlines = GATES.flatMap((_, gate) =>
      [0, 1, 4].map((kind) => changeCard(shownOf(at(gate, kind)), voice()).text),
    );
    expect(new Set(headlines).size).toBe(headlines.length);
    for (const headline of headlines) expect(headline).not.toMatch(/^(?:waiting|queued|working) /);
  });

  it('what is approved can be called off as long as it waits for its host, or for files', () => {
    const queued = statesAt(2).find(({ kind }) => kind === 'queued') as Extract<ChangeState, { kind: 'queued' }>;
    const pressed = (state: Partial<typeof queued>, line = '') =>
      actions(changeIn({ ...queued, ...state }, 2), line).filter((each) => /deny|withdraw/.test(each ?? ''));
    const both = ['change:deny', 'change:withdraw'];
    const free = { holder: null, away: null };
    expect([pressed(free), pressed({ ...free, away: 'web-01' })]).toEqual([[], both]);
    expect([pressed({ ...free, holder: 'bbbbbbbb' as ChangeId }), pressed(free, 'copied 1/3')]).toEqual([both, both]);
  });

  it('a build under way can be cancelled, once; nothing else can', () => {
    const cancellable = CHANGES.filter((change) => actions(change).includes('change:cancel'));
    expect(cancellable.map(({ state }) => state)).toEqual([statesAt(1)[4]]);
    const [asked] = tellings(shownOf(at(1, 5)), voice());
    expect([asked?.key, wordsOf(asked?.message.blocks)]).toEqual([
      `cancel ${NOW.getTime()}`,
      `${voice().change.card.cancelling} @U0BOB`,
    ]);
    const [ends] = tellings(shownOf(at(1, 9)), voice());
    expect(ends?.message.text).toBe(
      voice().kinds.get('kernel')?.words.told['undone build']?.replaceAll('{{host}}', 'web-01'),
    );
  });

  it('each stage of the work is told once', () => {
    const keys = (line: string) => tellings(shownOf(at(1, 4), line), voice()).map(({ key }) => key);
    expect(keys('build compile 43 120 5 CC net/ipv4/tcp.o')).toEqual(['stage build compile']);
    expect(keys('build compile 44 118 0 LD vmlinux')).toEqual(['stage build compile']);
    expect(keys('build package 90 10 0 dpkg-deb')).toEqual(['stage build package']);
    expect(keys(HOSTILE)).toEqual([]);
  });

  it('who may open a gate reads until when; so does who waits for a host', () => {
    const told = (change: Change) => wordsOf(tellings(shownOf(change), voice())[0]?.message.blocks);
    const { openUntil, until, waitsUntil } = voice().change.card;
    expect(told(at(2, 0))).toContain(openUntil);
    expect(told(at(4, 0))).toContain(until);
    expect(told(at(1, 2))).toContain(waitsUntil);
    expect(told(at(1, 3))).toContain('builder-01');
    expect(wordsOf(changeCard(shownOf(at(1, 3)), voice()).blocks)).toContain(waitsUntil);
    const reminded = tellings(shownOf(at(2, 0)), voice()).map(({ key }) => key);
    expect(reminded).toEqual(['waiting install', 'closes install']);
  });

  it('a trial and what was kept go back in the words of kernels, with TIME_WAIT before and after', () => {
    const { words } = voice().kinds.get('kernel') ?? {};
    const texts = (change: Change) => buttons(change).map(({ text }) => text.text);
    expect(texts(at(4, 0))).toContain(words?.revert?.button);
    expect(texts(at(4, 11))).toContain(words?.takeBack?.button);
    const card = wordsOf(changeCard(shownOf(at(4, 11)), voice()).blocks);
    expect(card).toMatch(/60.*→.*15/);
  });

  it('the log of a build stands in the thread, with its last lines where it failed', () => {
    const lines = Array.from({ length: 500 }, (_, line) => `line ${line} ${HOSTILE}`).join('\n');
    for (const content of [lines, 'x'.repeat(1_000_000), '', '\n\n', '\u{1f4a5}'.repeat(9000)]) {
      const file = { title: 'the log', content: Buffer.from(content) };
      const messages = [keptFileMessage(at(1, 10), file, voice()), keptFileMessage(at(2, 0), file, voice())];
      expect(messages.flatMap(faultsOf)).toEqual([]);
    }
    const tail = (change: Change) =>
      wordsOf(keptFileMessage(change, { title: 'the log', content: Buffer.from(lines) }, voice()).blocks);
    expect(tail(at(1, 10))).toMatch(/line 480 [\s\S]*line 499 /);
    expect(tail(at(1, 10))).not.toContain('line 479 ');
    expect(tail(at(2, 0))).not.toContain('line 499');
    expect(faultsOf(missedFileMessage('the log', HOSTILE, voice()))).toEqual([]);
  });

  it('the form for less of it and the list of builds are taken', () => {
    expect(validateView(narrowModal(at(1, 0), 'x', voice()))).toMatchObject({ kind: 'view' });
    const builds = CHANGES.map((change) => ({ change, progress: shownOf(change, PROGRESS[1]).progress }));
    expect(faultsOf(kernelStatus(builds, voice()))).toEqual([]);
  });
});
