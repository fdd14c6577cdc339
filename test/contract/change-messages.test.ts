/** Everything the bot says of changes, for every fix that a recorded host calls for: Slack takes it, and nothing a person wrote is parsed or calls anybody. */
import type { InputBlock } from '@slack/web-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { sortProposals } from '#app/sort-proposals.ts';
import { diagnosisIds, loadFixes, loadKindCards } from '#catalogue.ts';
import {
  type Change,
  type ChangeId,
  type ChangeState,
  type End,
  type ProofVerdict,
  REMARKS,
  REVERT_REASONS,
} from '#domain/change.ts';
import type { Actor, CheckId } from '#domain/check.ts';
import { UNREADY } from '#domain/helper-state.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import type { Plan, Proposal } from '#domain/plan.ts';
import { planFix } from '#fixes/plan-fix.ts';
import { pingsOf } from '#local-slack/pings.ts';
import { validateBlocks } from '#local-slack/validate-blocks.ts';
import { validateView } from '#local-slack/validate-view.ts';
import { cardOf } from '#render/kind-card.ts';
import { changeCard } from '#render/slack/change-card.ts';
import { denyModal, narrowModal, proposeModal } from '#render/slack/change-modals.ts';
import { type Telling, tellings } from '#render/slack/change-told.ts';
import { FAILURES, LOSSES } from '#render/slack/change-words.ts';
import { fixesList, type ShownFixes } from '#render/slack/fixes-list.ts';
import { freezeMessage, freezeTellings } from '#render/slack/freeze-told.ts';
import { homeView } from '#render/slack/home-view.ts';
import type { SlackMessage, SlackVoice } from '#render/slack/message.ts';
import type { ShownChange } from '#render/slack/shown-change.ts';
import { statusMessage } from '#render/slack/status.ts';
import { fill } from '#render/words.ts';
import { loadVoices } from '#serve/voices.ts';
import { ended, onTrial, proposedChange, waiting } from '../bot/change-samples.ts';
import { withApprovals } from '../bot/example-change.ts';
import { wordsOf } from '../bot/seen.ts';
import { caseNames, evidenceOf } from './cases.ts';

const NOW = new Date('2026-11-27T03:04:05Z');
const LATER = new Date('2026-11-27T03:14:05Z');
const HOSTILE = '<!channel> <@U0MALLORY> *bold* `x` &amp; \u202e\u001b[31m $(reboot) {{host}} '.repeat(5);
const [ALICE, BOB]: readonly Actor[] = [
  { surface: 'slack', id: 'U0ALICE' },
  { surface: 'slack', id: 'U0BOB' },
];
const APPROVERS = { users: ['U0BOB'], userGroups: ['S0SRE'] };
/** Whom a card may call: those who are asked to decide, and those who have. */
const KEEPERS = { users: ['U0CAROL'], userGroups: ['S0LEADS'] };
const MAY_PING = ['U0ALICE', 'U0BOB', 'S0SRE', 'U0CAROL', 'S0LEADS'];

const DECIDED = { by: BOB as Actor, at: NOW };
const REMARKED = REMARKS.map((what) => ({ what, key: 'net.core.somaxconn', value: HOSTILE }));
const ENDS: readonly End[] = [
  { how: 'done', by: BOB as Actor, remarks: REMARKED },
  { how: 'done', by: null, remarks: [] },
  ...REVERT_REASONS.map(
    (why): End => ({ how: 'undone', by: why === 'person' ? (BOB as Actor) : null, why, remarks: REMARKED }),
  ),
  { how: 'denied', by: BOB as Actor, reason: HOSTILE },
  { how: 'withdrawn', by: ALICE as Actor },
  { how: 'expired' },
  { how: 'superseded', by: 'bbbbbbbb' as ChangeId },
  ...['constructor', ...FAILURES].map((code): End => ({ how: 'failed', failure: { code, detail: HOSTILE } })),
  { how: 'abandoned', by: BOB as Actor, why: HOSTILE },
];
const STATES: readonly ChangeState[] = [
  waiting(NOW),
  { kind: 'queued', at: NOW, gate: 0, reverts: null, holder: null, away: null },
  { kind: 'queued', at: NOW, gate: 0, reverts: null, holder: 'bbbbbbbb' as ChangeId, away: null },
  { kind: 'working', at: NOW, gate: 0, reverts: null, wish: null, running: false },
  onTrial(NOW, LATER),
  onTrial(NOW, LATER, { wish: { what: 'revert', ...DECIDED } }),
  ...['keep', 'revert', 'extend', 'build', 'constructor'].map((what) =>
    onTrial(NOW, LATER, { dropped: { what, ...DECIDED } }),
  ),
  onTrial(NOW, LATER, { dropped: { what: 'keep', ...DECIDED, why: `foreign net.core.somaxconn ${HOSTILE}` } }),
  { kind: 'queued', at: NOW, gate: 1, reverts: LATER, holder: null, away: null },
  { kind: 'working', at: NOW, gate: 1, reverts: LATER, wish: null, running: false },
  ...[...LOSSES, `unknown ${HOSTILE}`, HOSTILE].map(
    (why): ChangeState => ({ kind: 'unclear', at: NOW, gate: 1, why, wish: null, began: true }),
  ),
  ...ENDS.map((end) => ended(NOW, end)),
];

const CURES = new Map((await loadFixes()).map(({ id, cures }) => [id, cures]));
/** As if everything were found. */
const FOUND = (await diagnosisIds()).map((id) => ({ id, kind: 'found' }) as const);

const voices = new Map<Language, SlackVoice>();
const proposals: Proposal[] = [];

beforeAll(async () => {
  const slack = { mode: 'socket', runbooks: 'https://example.com/pages', channels: new Map() } as const;
  const loaded = await loadVoices({ overrides: null, slack, cards: loadKindCards });
  for (const language of LANGUAGES) voices.set(language, loaded.voice(language));
  const fixes = await loadFixes();
  for (const id of await diagnosisIds())
    for (const name of caseNames(id)) {
      const evidence = await evidenceOf(id, name);
      proposals.push(...fixes.map((fix) => planFix(fix, 'web-01', evidence)));
    }
}, 60_000);

/** One of each fix: the first that a recorded host calls for. */
function plans(): readonly Plan[] {
  const planned = proposals.flatMap((proposal) => (proposal.kind === 'plan' ? [proposal.plan] : []));
  return [...new Map(planned.map((plan) => [plan.fix, plan])).values()];
}

function changeOf(plan: Plan, state: ChangeState, more: Partial<Change> = {}): Change {
  const verdicts: readonly ProofVerdict[] = ['cured', 'better', 'no-effect', 'worse', 'unknown'];
  const approvals = [{ by: BOB as Actor, at: NOW, hash: 'a'.repeat(64), signature: null, userGroups: [] }];
  const change = proposedChange('aaaaaaaa', plan, NOW, { reason: HOSTILE, revision: 3 });
  return {
    ...withApprovals(change, 0, approvals),
    run: 'cccccccc' as CheckId,
    proofs: verdicts.map((verdict) => ({ at: LATER, before: null, after: {}, verdict })),
    state,
    ...more,
  };
}

/** Frozen by bob, and kept by carol's group. */
function shownOf(change: Change, more: Partial<ShownChange> = {}): ShownChange {
  const freezes = [{ group: 'db', by: 'U0BOB', since: NOW }];
  const approvers = change.state.kind === 'waiting' && change.state.gate === 1 ? KEEPERS : APPROVERS;
  const progress = { line: change.state.kind === 'working' ? HOSTILE : '', silentSince: null };
  const timing = { waitsUntil: LATER, closesSoon: true };
  const people = { approvers, reviewers: APPROVERS };
  return { change, hash: 'a'.repeat(64), ...people, ...timing, freezes, progress, taker: null, ...more };
}

/** What a list of fixes may be shown with. */
function circumstances(): readonly Pick<ShownFixes, 'change' | 'isTooOld'>[] {
  const [plan] = plans() as [Plan];
  const kinds = ['under-way', 'proposed', 'kept-since'] as const;
  const changes = kinds.map((kind) => ({ kind, change: changeOf(plan, waiting(NOW)), fix: plan.fix }));
  return [null, ...changes].flatMap((change) => [true, false].map((isTooOld) => ({ change, isTooOld })));
}

function expectTaken(...messages: readonly SlackMessage[]): void {
  expect(messages.flatMap(faultsOf)).toEqual([]);
}

function faultsOf({ text, blocks }: SlackMessage): readonly string[] {
  const validated = validateBlocks(blocks, 'message');
  const calls = pingsOf(text, blocks as never).filter((who) => !MAY_PING.includes(who));
  const json = JSON.stringify(blocks);
  const gap = json.search(/undefined|NaN/);
  return [
    ...(validated.kind === 'blocks' ? [] : validated.messages),
    ...calls.map((who) => `calls ${who}`),
    ...(gap < 0 ? [] : [json.slice(Math.max(0, gap - 80), gap + 80)]),
  ];
}

describe.each(LANGUAGES)('in %s', (language) => {
  const voice = (): SlackVoice => voices.get(language) as SlackVoice;

  it('a card and what its thread is told are taken, whatever the change and its state', () => {
    const one = plans();
    expect(one.length).toBeGreaterThan(12);
    for (const plan of one)
      for (const state of STATES) {
        const shown = shownOf(changeOf(plan, state));
        expectTaken(changeCard(shown, voice()), ...tellings(shown, voice()).map(({ message }) => message));
      }
  });

  it('a plan of today says what it does and what it does not; one of a fix that is no more is shown all the same', () => {
    for (const plan of plans()) expect(cardOf({ kind: 'sysctl' }, voice().kinds).plan(plan).effects).toHaveLength(2);
    const [plan] = plans() as [Plan];
    for (const gone of [
      { ...plan, fix: 'x'.repeat(512) },
      { ...plan, facts: {} },
    ])
      for (const state of STATES) {
        const change = changeOf(gone, state);
        expectTaken(changeCard(shownOf(change), voice()));
        for (const { message } of tellings(shownOf(change), voice())) expectTaken(message);
        expectTaken(
          statusMessage(
            { active: [], workers: 1, changes: { active: [change], locks: [], freezes: [] }, now: NOW },
            voice(),
          ),
        );
        expect(validateView(narrowModal(change, 'x', voice()))).toMatchObject({ kind: 'view' });
      }
  });

  it('what one person did alone is told aloud, and again, until another one has looked', () => {
    const [plan] = plans() as [Plan];
    const trial = onTrial(NOW, LATER);
    const alone = changeOf(plan, trial, { breakGlass: true, review: { reminders: 2, done: null } });
    const loud = tellings(shownOf(alone), voice()).filter((each) => each.loud);
    expect(loud.map(({ key }) => key)).toEqual(['alone', 'remind 1', 'remind 2']);
    for (const { message } of loud) expectTaken(message);
    const pings = pingsOf(loud[0]?.message.text ?? '', (loud[0]?.message.blocks ?? []) as never);
    expect(pings).toEqual([...APPROVERS.users, ...APPROVERS.userGroups]);
    const reviewed = { ...alone, review: { reminders: 2, done: { by: BOB as Actor, at: NOW } } };
    const actions = (change: Change) => JSON.stringify(changeCard(shownOf(change), voice()).blocks);
    expect(actions(alone)).toContain('change:reviewed');
    expect(actions(reviewed)).not.toContain('change:reviewed');
  });

  it('who may keep a trial is named on its card and called in its thread; the requester is named as such', () => {
    const [plan] = plans() as [Plan];
    const trial = onTrial(NOW, LATER);
    const shown = shownOf(changeOf(plan, trial));
    const { card } = voice().change;
    const may = voice().kinds.get('sysctl')?.words.gates['keep']?.may;
    const [told] = tellings(shown, voice()) as [Telling];
    for (const { blocks } of [changeCard(shown, voice()), told.message])
      expect(wordsOf(blocks)).toContain(`${may} @U0CAROL   @S0LEADS ${card.notRequester}`);
    expect(wordsOf(told.message.blocks)).toContain(`${card.askedBy} @U0ALICE`);
    expect(pingsOf('', told.message.blocks as never)).toEqual(['U0CAROL', 'S0LEADS', 'U0ALICE']);
  });

  it('what was kept shows whether it is to be reverted, was, or stays after all', () => {
    const [plan] = plans() as [Plan];
    const kept = changeOf(plan, ended(NOW, { how: 'done', by: BOB as Actor, remarks: [] }));
    const { card } = voice().change;
    const offers = { takenBack: false, goneBack: false, notTakenBack: true };
    const ways = {
      takenBack: waiting(NOW),
      goneBack: ended(NOW, { how: 'done', by: BOB as Actor, remarks: [] }),
      notTakenBack: ended(NOW, { how: 'withdrawn', by: BOB as Actor }),
    };
    for (const way of ['takenBack', 'goneBack', 'notTakenBack'] as const) {
      const taker = { ...changeOf(plan, ways[way]), id: 'bbbbbbbb' as Change['id'], reverts: kept.id };
      const shown = shownOf(kept, { taker });
      const { blocks } = changeCard(shown, voice());
      const sentence = fill(card[way], { id: 'bbbbbbbb' });
      expect(tellings(shown, voice()).at(-1)).toMatchObject({ redraws: true, message: { text: sentence } });
      expect(wordsOf(blocks).includes(sentence)).toBe(way !== 'notTakenBack');
      expect(JSON.stringify(blocks).includes('change:take-back')).toBe(offers[way]);
    }
  });

  it('who pressed in vain reads which button it was, and why or what to do', () => {
    const [plan] = plans() as [Plan];
    const { dropped, failures } = voice().change;
    const at = NOW;
    const said = (why?: string) => {
      const drop = { what: 'keep', by: BOB as Actor, at, ...(why !== undefined && { why }) };
      const change = changeOf(plan, { ...onTrial(NOW, LATER), dropped: drop } as ChangeState);
      return tellings(shownOf(change), voice()).find(({ key }) => key.startsWith('dropped'))?.message.text;
    };
    const blank = { en: ' ', ja: '' }[language];
    expect(said()).toBe(`${dropped.keep}${blank}${dropped.again}`);
    expect(said('frozen')).toBe(`${dropped.keep}${blank}${failures.frozen}`);
  });

  it('nobody reads that the requester alone may approve', () => {
    const [plan] = plans() as [Plan];
    const nobody = { users: [], userGroups: [] };
    const message = changeCard(shownOf(changeOf(plan, waiting(NOW)), { approvers: nobody }), voice());
    expectTaken(message);
    expect(wordsOf(message.blocks)).toContain(voice().change.card.nobodyElse);
  });

  it('a card promises to revert as long as that is to come, and no longer', () => {
    const [plan] = plans() as [Plan];
    const promise = fill(voice().change.card.unlessKept, { minutes: 10 });
    for (const state of STATES) {
      const said = JSON.stringify(changeCard(shownOf(changeOf(plan, state)), voice()).blocks).includes(promise);
      const toCome = state.kind !== 'ended' && state.gate === 0 && state.kind !== 'unclear';
      expect([state.kind, said]).toEqual([state.kind, toCome]);
    }
  });

  it('a freeze and its end are told once in the thread of what waits or is on trial', () => {
    const [plan] = plans() as [Plan];
    for (const state of STATES) {
      const frozen = shownOf(changeOf(plan, state));
      const told = freezeTellings(frozen, [], voice());
      for (const { message } of told) expectTaken(message);
      expect(told).toHaveLength(state.kind === 'waiting' ? 1 : 0);
      const keys = told.map(({ key }) => key);
      expect(freezeTellings(frozen, keys, voice())).toEqual([]);
      const thawed = freezeTellings({ ...frozen, freezes: [] }, keys, voice());
      for (const { message } of thawed) expectTaken(message);
      expect(thawed).toHaveLength(told.length);
      expect(freezeTellings({ ...frozen, freezes: [] }, [...keys, ...thawed.map(({ key }) => key)], voice())).toEqual(
        [],
      );
    }
    // When it began, and who ordered it, may not be known any more.
    const trial = changeOf(plan, waiting(NOW));
    const unknown = (since: Date) => ({ change: trial, freezes: [{ group: '*', by: 'unknown', since }] });
    const [first] = freezeTellings(unknown(NOW), [], voice()) as [Telling];
    expectTaken(first.message);
    expect(JSON.stringify(first.message.blocks)).not.toContain('user_id');
    expect(freezeTellings(unknown(LATER), [first.key], voice())).toEqual([]);
    const [over] = freezeTellings({ change: trial, freezes: [] }, [first.key], voice()) as [Telling];
    expect(freezeTellings(unknown(LATER), [first.key, over.key], voice())).toHaveLength(1);
    for (const group of ['*', 'web', HOSTILE])
      for (const on of [true, false]) expectTaken(freezeMessage(on, group, BOB as Actor, voice()));
  });

  it('the forms are taken', () => {
    for (const plan of plans()) {
      const shown = { kind: 'sysctl', plan, revertMinutes: 7, longestMinutes: 30, reasonRequired: true, metadata: 'x' };
      for (const breakGlass of ['offered', 'none', 'break-glass-outside', 'not-checked'] as const) {
        const form = proposeModal({ ...shown, breakGlass, unready: null }, voice());
        expect(validateView(form)).toMatchObject({ kind: 'view' });
        expect(form.submit).toBeDefined();
      }
      for (const why of UNREADY) {
        const unready = { why, has: '1', needs: '2' };
        const form = proposeModal({ ...shown, breakGlass: 'offered', unready }, voice());
        expect(validateView(form)).toMatchObject({ kind: 'view' });
        expect(form).not.toHaveProperty('submit');
        expect(JSON.stringify(form.blocks)).toContain('tcp-oncall host-setup web-01');
      }
      const change = changeOf(plan, waiting(NOW));
      expect(validateView(narrowModal(change, 'x', voice()))).toMatchObject({ kind: 'view' });
    }
    expect(validateView(denyModal('x', voice()))).toMatchObject({ kind: 'view' });
  });

  it('less of a plan is offered by parts that can stand alone', () => {
    const [plan] = plans() as [Plan];
    const step = (key: string, ...needs: string[]) => ({
      ...{ key: `net.ipv4.${key}`, from: '1', to: '2', scope: 'netns' as const, files: [] },
      needs: needs.map((need) => `net.ipv4.${need}`),
    });
    const offered = (...steps: Plan['steps']) => {
      const form = narrowModal(changeOf({ ...plan, steps }, waiting(NOW)), 'x', voice());
      expect(validateView(form)).toMatchObject({ kind: 'view' });
      const [select] = form.blocks.filter((block) => block.block_id === 'steps') as InputBlock[];
      return select?.element.type === 'static_select'
        ? (select.element.options ?? []).map(({ text }) => text.text)
        : [];
    };
    const [reserve, widen] = [step('ip_local_reserved_ports'), step('ip_local_port_range', 'ip_local_reserved_ports')];
    expect(offered(reserve, widen)).toEqual(['1–2', 'net.ipv4.ip_local_reserved_ports: 1 → 2']);
    expect(offered(reserve, widen, step('tcp_tw_reuse'))).toEqual([
      '1–3',
      'net.ipv4.ip_local_reserved_ports: 1 → 2',
      'net.ipv4.ip_local_reserved_ports, net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_tw_reuse: 1 → 2',
    ]);
    expect(offered(step('a', 'b'), step('b', 'a'))).toEqual([]);
    expect(offered(step('a'.repeat(90)), step('b'))[1]).toHaveLength(75);
  });

  it('a list of fixes offers nothing that would be refused, and says what stands in the way', () => {
    const [plan] = plans() as [Plan];
    const list = (more: Partial<ShownFixes>) => {
      const about = {
        host: 'web-01',
        run: 'cccccccc',
        checkedAt: NOW,
        now: LATER,
        isTooOld: false,
        change: null,
        unready: null,
      };
      const { blocks } = fixesList(
        { ...about, plans: plans(), blocked: [], unknown: [], notApplicable: 13, ...more },
        voice(),
      );
      return {
        said: wordsOf(blocks),
        values: [...JSON.stringify(blocks).matchAll(/cccccccc\.([a-z0-9-]+)/g)].map(([, fix]) => fix),
      };
    };
    const { fixes: words } = voice().change;
    expect(list({ unready: { why: 'not-set-up', has: '', needs: '' } }).said).toContain('tcp-oncall host-setup web-01');
    expect(list({}).values).toContain(plan.fix);
    expect(list({}).said).toContain(fill(words.age, { minutes: 10 }));
    expect(list({}).said).toContain(fill(words.notApplicable, { n: 13, command: '/tcp fix', host: 'web-01' }));
    expect(list({ isTooOld: true })).toMatchObject({ values: [], said: expect.stringContaining(words.tooOld) });
    const change = (kind: 'under-way' | 'proposed' | 'kept-since') => ({
      kind,
      change: changeOf(plan, waiting(NOW)),
      fix: plan.fix,
    });
    const about = { host: 'web-01', title: voice().fixes.get(plan.fix)?.title ?? '', id: 'aaaaaaaa' };
    for (const [kind, sentence] of [
      ['under-way', words.underWay],
      ['kept-since', words.changed],
    ] as const)
      expect(list({ change: change(kind) })).toMatchObject({
        values: [],
        said: expect.stringContaining(fill(sentence, about)),
      });
    const proposed = list({ change: change('proposed') });
    expect(proposed.said).toContain(fill(words.proposed, about));
    expect(proposed.values).not.toContain(plan.fix);
    expect(proposed.values.length).toBeGreaterThan(5);
  });

  it('lists of fixes, of what is under way, and App Home are taken', () => {
    const shownWith = circumstances();
    for (let from = 0; from < proposals.length; from += 17) {
      const sorted = sortProposals(proposals.slice(from, from + 17), FOUND, CURES);
      const about = { host: 'web-01', run: 'cccccccc', checkedAt: NOW, now: LATER, unready: null };
      const shown = { ...about, ...sorted, notApplicable: sorted.notApplicable.length };
      expectTaken(...shownWith.map((more) => fixesList({ ...shown, ...more }, voice())));
    }
    const [plan] = plans() as [Plan];
    const active = STATES.flatMap((state) => [changeOf(plan, state), changeOf(plan, state)]);
    const locks = [{ change: 'aaaaaaaa' as ChangeId, token: 7, since: NOW, until: LATER }];
    const freezes = [{ group: 'db', by: 'U0BOB', since: NOW }];
    const changes = { active, locks, freezes };
    expectTaken(statusMessage({ active: [], workers: 1, changes, now: LATER }, voice()));
    const home = {
      mine: [],
      others: [],
      recent: [],
      changes,
      decisions: new Map([['aaaaaaaa', { hash: 'a'.repeat(64), approve: true }]]),
      now: LATER,
    };
    expect(validateView(homeView(home, voice()))).toMatchObject({ kind: 'view' });
  });

  it('App Home leads to cards, and has the buttons that the reader may press', () => {
    const [plan] = plans() as [Plan];
    const trial = changeOf(plan, onTrial(NOW, LATER));
    const links = new Map([['aaaaaaaa', 'https://lab.slack.com/archives/C0ONCALL/p1']]);
    const show = (change: Change, approve: boolean) => {
      const decisions = new Map([['aaaaaaaa', { hash: 'a'.repeat(64), approve }]]);
      const changes = { active: [change], locks: [], freezes: [], links };
      const view = homeView({ mine: [], others: [], recent: [], changes, decisions, now: LATER }, voice());
      expect(validateView(view)).toMatchObject({ kind: 'view' });
      expect(JSON.stringify(view)).toContain('"type":"link","url":"https://lab.slack.com/archives/C0ONCALL/p1"');
      return [...JSON.stringify(view).matchAll(/"action_id":"(change:[a-z]+)","value":"aaaaaaaa\.a{12}"/g)].map(
        ([, action]) => action,
      );
    };
    expect(show(trial, true)).toEqual(['change:keep', 'change:revert']);
    expect(show(trial, false)).toEqual(['change:revert']);
    expect(show(changeOf(plan, waiting(NOW)), true)).toEqual([]);
    const pressed = onTrial(NOW, LATER, { wish: { what: 'revert', ...DECIDED } });
    expect(show(changeOf(plan, pressed), true)).toEqual([]);
  });

  it('a decided card shows the proof before its buttons, and what the decision needed is in the thread', () => {
    for (const plan of plans()) {
      const proposal = changeOf(plan, waiting(NOW), { proofs: [] });
      const { effects } = cardOf(proposal, voice().kinds).plan(plan);
      const said = ({ blocks }: SlackMessage) => wordsOf(blocks);
      const trial = changeOf(plan, onTrial(NOW, LATER));
      const [told] = tellings(shownOf(trial), voice()) as [Telling];
      for (const effect of effects.map((text) => text.slice(0, 200))) {
        expect(said(changeCard(shownOf(proposal), voice()))).toContain(effect);
        expect(said(changeCard(shownOf(trial), voice()))).not.toContain(effect);
        expect(said(told.message)).toContain(effect);
      }
      const types = changeCard(shownOf(trial), voice()).blocks.map(({ type }) => type);
      expect(types.slice(types.indexOf('actions'))).toEqual(['actions', 'rich_text', 'context']);
    }
  });

  it('what reverts a kept change is not described as the fix', () => {
    const [plan] = plans() as [Plan];
    const change = changeOf(plan, waiting(NOW), { reverts: 'bbbbbbbb' as ChangeId, proofs: [] });
    const { words, plan: show } = cardOf(change, voice().kinds);
    const { blocks } = changeCard(shownOf(change), voice());
    expect(wordsOf(blocks)).toContain(words.wayBack);
    expect(wordsOf(blocks)).not.toContain(show(plan).effects[0]);
  });
});
