/** Everything the bot says in Slack, over every recorded case: Slack takes it, and nothing a host wrote is parsed or calls anybody. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeSamples } from '#app/judge-samples.ts';
import { newId } from '#app/new-id.ts';
import { readRecording } from '#app/recording.ts';
import { diagnosisIds, loadDiagnoses, loadKindCards, loadPage, loadTopic, pageIds } from '#catalogue.ts';
import type { ChangeId } from '#domain/change.ts';
import type { Check, CheckState, KernelWanted } from '#domain/check.ts';
import { compareReports } from '#domain/compare-reports.ts';
import { LANGUAGES, type Language } from '#domain/language.ts';
import { FAILURES, type Report } from '#domain/report.ts';
import { SOURCES } from '#evidence/sources.ts';
import { pingsOf } from '#local-slack/pings.ts';
import type { Block } from '#local-slack/snapshot.ts';
import { validateBlocks } from '#local-slack/validate-blocks.ts';
import { validateView } from '#local-slack/validate-view.ts';
import { wordReport } from '#render/document.ts';
import type { Topic } from '#render/page.ts';
import { checkCard } from '#render/slack/check-card.ts';
import { checkModal } from '#render/slack/check-modal.ts';
import { explainList, explainMessage } from '#render/slack/explain.ts';
import { helpMessage } from '#render/slack/help.ts';
import { homeView } from '#render/slack/home-view.ts';
import { hostsMessage } from '#render/slack/hosts.ts';
import { kernelModal } from '#render/slack/kernel-modal.ts';
import { kernelStatus } from '#render/slack/kernel-status.ts';
import type { SlackMessage, SlackVoice } from '#render/slack/message.ts';
import { complaint, offersMessage } from '#render/slack/problem.ts';
import type { ShownCheck } from '#render/slack/shown-check.ts';
import { statusMessage } from '#render/slack/status.ts';
import { threadReply } from '#render/slack/thread-reply.ts';
import { fill } from '#render/words.ts';
import { loadVoices } from '#serve/voices.ts';
import { COMMANDS, missingWords } from '#slack/commands/commands.ts';
import { caseNames } from './cases.ts';

const NOW = new Date('2026-11-27T03:04:05Z');
const HOSTILE = [
  '<!channel> <@U0ALICE> *bold* `x` &amp; \u202e\u001b[31m',
  'x'.repeat(100_000),
  '<https://evil.example|web-01>',
];
const NO_CHANGES = { active: [], locks: [], freezes: [] };
const VERBS = COMMANDS.map(({ verb }) => verb);
const ids = await diagnosisIds();
const pages = await pageIds();
/** With an address for the runbook pages, and without one. */
const RUNBOOKS = [undefined, 'https://example.com/tcp-oncall/blob/main'] as const;
const voices = new Map<Language, SlackVoice>();
/** As `voices`, where the pages have no address. */
const bare = new Map<Language, SlackVoice>();
const reports: Report[] = [];

beforeAll(async () => {
  for (const runbooks of RUNBOOKS) {
    const loaded = await loadVoices({
      overrides: null,
      cards: loadKindCards,
      slack: { mode: 'socket', runbooks, channels: new Map() },
    });
    for (const language of LANGUAGES) (runbooks === undefined ? bare : voices).set(language, loaded.voice(language));
  }
  const knowledge = { catalogue: await loadDiagnoses(), sources: SOURCES };
  for (const id of ids) {
    for (const name of caseNames(id)) {
      const { samples } = await readRecording(new URL(`../../runbooks/${id}/cases/${name}`, import.meta.url).pathname);
      const about = { host: 'web-01', hostKey: null, startedAt: NOW, interval: 5, interruption: null };
      reports.push(judgeSamples(samples, about, knowledge));
    }
  }
}, 60_000);

function runOf(state: CheckState, more: Partial<Check> = {}): Check {
  const actor = { surface: 'slack', id: 'U0ALICE' } as const;
  return {
    id: newId('x'),
    host: 'web-01',
    interval: 5,
    actor,
    askedAt: NOW,
    deadline: NOW,
    state,
    attempt: 1,
    revision: 3,
    next: null,
    ...more,
  };
}

/** Of a check that has its report, or of one that has none. */
function shownOf(run: Check, report: Report | null, { vocabulary }: SlackVoice): ShownCheck {
  const document = report === null ? null : wordReport(report, vocabulary);
  return { run, report, document, comparison: null, fixes: [], askedBy: 'U0ALICE' };
}

function expectTaken(message: SlackMessage, mayPing: readonly string[] = []): void {
  expect(faultsOf(message, mayPing)).toEqual([]);
}

function faultsOf({ text, blocks }: SlackMessage, mayPing: readonly string[]): readonly string[] {
  const validated = validateBlocks(blocks, 'message');
  const calls = pingsOf(text, blocks as unknown as Block[]).filter((ping) => !mayPing.includes(ping));
  return [
    ...(validated.kind === 'blocks' ? [] : validated.messages),
    ...(text === '' ? ['no text'] : []),
    ...calls.map((who) => `calls ${who}`),
  ];
}

describe.each(LANGUAGES)('in %s', (language) => {
  const voice = () => voices.get(language) as SlackVoice;
  const bareVoice = () => bare.get(language) as SlackVoice;
  const topic = async (id: string) => (await loadTopic(id, language, null)) as Topic;

  it('a card and a reply of every recorded case are taken, and name every finding', () => {
    expect(reports.length).toBeGreaterThan(150);
    for (const [index, report] of reports.entries()) {
      const comparison = compareReports(reports[index - 1] ?? report, report);
      const shown = { ...shownOf(runOf({ kind: 'reported', asked: null }), report, voice()), comparison };
      const card = checkCard(shown, voice());
      expectTaken(card, ['U0ALICE']);
      const reply = threadReply(shown, true, voice());
      expectTaken(reply, ['U0ALICE']);
      const said = JSON.stringify(reply.blocks);
      const found = report.verdicts.filter(({ kind }) => kind === 'found');
      const titles = found.map(({ id }) => voice().vocabulary.pages.get(id)?.wording.title ?? id);
      expect({ unnamed: titles.filter((title) => !said.includes(title)), omitted: reply.omitted }).toEqual({
        unnamed: [],
        omitted: 0,
      });
    }
  });

  it('a report in which nothing could be decided is never called healthy', () => {
    const unknown = reports.flatMap(({ verdicts }) => verdicts).filter(({ kind }) => kind === 'unknown');
    const failed = runOf({ kind: 'lost', why: 'deadline' });
    const headline = checkCard(shownOf(failed, null, voice()), voice()).text;
    for (const verdicts of [unknown.slice(0, 29), []]) {
      const report = { ...(reports[0] as Report), verdicts };
      const shown = shownOf(runOf({ kind: 'reported', asked: null }), report, voice());
      expect(checkCard(shown, voice()).text).toBe(headline);
    }
  });

  it('where the pages have no address, a card and a reply link nowhere and name the command', () => {
    for (const report of reports.filter((_, index) => index % 10 === 0)) {
      const shown = shownOf(runOf({ kind: 'reported', asked: null }), report, bareVoice());
      const found = report.verdicts.some(({ kind }) => kind === 'found');
      for (const message of [checkCard(shown, bareVoice()), threadReply(shown, true, bareVoice())]) {
        expectTaken(message, ['U0ALICE']);
        expect(linksOf(message)).toEqual([]);
        expect(JSON.stringify(message.blocks).includes('/tcp explain ')).toBe(found);
      }
    }
  });

  it('a card of the first sample is taken, and says that it is not the end', () => {
    for (const first of reports.filter((_, index) => index % 5 === 0)) {
      const shown = shownOf(runOf({ kind: 'running', stage: 'second-sample' }), first, voice());
      const card = checkCard({ ...shown, report: null }, voice());
      expectTaken(card);
      expect(JSON.stringify(card.blocks)).toContain(voice().slack.card.preliminary);
    }
  });

  it('every other state and every failure is taken', () => {
    const details = {
      host: 'web-01',
      address: '10.0.0.1',
      port: 22,
      user: 'ops',
      why: HOSTILE[0] ?? '',
      hop: 'web-01',
      fingerprint: 'SHA256:x',
      knownAt: 'x:1',
      wanted: 'SHA256:y',
      seconds: 5,
      kilobytes: 5,
      leftRunning: '',
      said: HOSTILE[1] ?? '',
      status: 'exit status 1',
    };
    const states: CheckState[] = [
      { kind: 'queued' },
      { kind: 'running', stage: 'connecting' },
      { kind: 'running', stage: 'judging' },
      { kind: 'cancelled', by: { surface: 'slack', id: 'U0BOB' } },
      { kind: 'lost', why: 'no-worker' },
      { kind: 'lost', why: 'worker-gone' },
      { kind: 'lost', why: 'deadline' },
      ...FAILURES.map((kind) => ({ kind: 'failed', failure: { kind, details } }) as const),
    ];
    for (const state of states) {
      const shown = { ...shownOf(runOf(state), null, voice()), askedBy: 'U0YUKI' };
      expectTaken(checkCard(shown, voice()), ['U0ALICE', 'U0BOB', 'U0YUKI']);
      expectTaken(threadReply(shown, true, voice()), ['U0YUKI']);
    }
  });

  it('what a host says is text, however long, and is cut with the count of what is missing', () => {
    for (const said of HOSTILE) {
      const report: Report = { ...(reports[0] as Report), host: said, kernel: said, distribution: said };
      const shown = shownOf(runOf({ kind: 'reported', asked: null }), report, voice());
      expectTaken(checkCard(shown, voice()), ['U0ALICE']);
      expectTaken(threadReply(shown, true, voice()), ['U0ALICE']);
    }
  });

  it('a report with more findings than fit counts those that are left out', () => {
    const found = reports
      .flatMap(({ verdicts }) => verdicts.filter(({ kind }) => kind === 'found'))
      .map((verdict) => ({ ...verdict, causedBy: null }));
    fc.assert(
      fc.property(fc.shuffledSubarray(found, { minLength: 6, maxLength: 60 }), (verdicts) => {
        const report = { ...(reports[0] as Report), verdicts } as Report;
        const shown = shownOf(runOf({ kind: 'reported', asked: null }), report, voice());
        const card = checkCard(shown, voice());
        expectTaken(card, ['U0ALICE']);
        const reply = threadReply(shown, true, voice());
        expectTaken(reply, ['U0ALICE']);
        expect(JSON.stringify(card.blocks)).toContain(String(verdicts.length - 5));
        const notes = reply.omitted > 0 ? 2 : 1;
        expect(reply.blocks.length - notes + reply.omitted).toBe(verdicts.length);
      }),
      { numRuns: 15 },
    );
  });

  it('every command has its words, and there are no others', () => {
    const { slack } = voice();
    expect(missingWords(slack)).toEqual([]);
    expect(Object.keys(slack.commands).sort()).toEqual([...VERBS].sort());
    for (const { verb, says } of COMMANDS)
      expect(Object.keys(slack.commands[verb]?.says ?? {}).sort()).toEqual([...says].sort());
  });

  it('a card says what is asked for next, and what became of it; the form is taken', () => {
    const next: KernelWanted = {
      kind: 'kernel',
      key: 'x',
      seconds: 15,
      builder: 'builder-01',
      config: 'running',
      url: null,
      reason: '',
      actor: { surface: 'slack', id: 'U0ALICE' },
      userGroups: [],
      place: null,
    };
    const hostile = HOSTILE.map((text) => ({ code: text, details: { detail: text } }));
    const warnings = ['frozen', 'seconds-too-few', 'constructor']
      .map((code) => ({ code, details: {} }))
      .concat(hostile);
    const states: readonly CheckState[] = [
      { kind: 'running', stage: 'judging' },
      { kind: 'reported', asked: null },
      { kind: 'reported', asked: { kind: 'refused', why: warnings } },
      { kind: 'reported', asked: { kind: 'proposed', change: 'bbbbbbbb' as ChangeId, warnings } },
      { kind: 'lost', why: 'deadline' },
    ];
    const { kernel } = voice().slack;
    for (const [index, said] of [
      kernel.next,
      kernel.notAsked,
      kernel.refused,
      kernel.proposed,
      kernel.notAsked,
    ].entries()) {
      const run = runOf(states[index] as CheckState, { next });
      const shown = { ...shownOf(run, reports[0] ?? null, voice()), kernel: true };
      const facts = { host: 'web-01', builder: 'builder-01', seconds: 15, id: 'bbbbbbbb' };
      for (const message of [checkCard(shown, voice()), threadReply(shown, true, voice())]) {
        expectTaken(message, ['U0ALICE']);
        expect(JSON.stringify(message.blocks)).toContain(JSON.stringify(fill(said, facts)).slice(1, -1));
      }
    }
    const form = {
      builder: null,
      seconds: null,
      reason: '',
      config: 'running',
      reasonRequired: true,
      metadata: 'x',
    } as const;
    for (const host of [null, 'web-01', 'x'.repeat(200)])
      expect(validateView(kernelModal({ ...form, host }, voice()))).toMatchObject({ kind: 'view' });
    expectTaken(kernelStatus([], voice()));
  });

  it('words that lack what a command says are told apart', () => {
    const { slack } = voice();
    const { check, ...commands } = slack.commands;
    expect(missingWords({ ...slack, commands })).toEqual(['commands.check']);
    const silent = { ...commands, check: { help: check?.help ?? [], says: {} } };
    expect(missingWords({ ...slack, commands: silent })).toContain('commands.check.says.no-host');
  });

  it.each(VERBS)('help has %s', (verb) => {
    const shown = linesOf(helpMessage('tcp-oncall', null, voice()));
    expect(shown.filter((line) => line.startsWith(`/tcp ${verb}`))).not.toEqual([]);
  });

  it.each(VERBS)('help about %s is about that', (verb) => {
    const message = helpMessage('tcp-oncall', verb, voice());
    expectTaken(message);
    for (const line of linesOf(message)) expect(line).toMatch(new RegExp(`^/tcp ${verb}\\b`));
    expect(linesOf(message)).not.toEqual([]);
  });

  it('help, status, hosts, offers, problems, the modal and App Home are taken', () => {
    expectTaken(helpMessage('tcp-oncall', null, voice()));
    const hosts = Array.from({ length: 500 }, (_, i) => ({ name: `web-${i}`, groups: [`group-${i % 50}`] }));
    for (const list of [[], hosts]) expectTaken(hostsMessage(list, voice()));
    const active = Array.from({ length: 60 }, (_, i) =>
      runOf(i % 2 === 0 ? { kind: 'queued' } : { kind: 'running', stage: 'judging' }),
    );
    for (const workers of [0, 3])
      expectTaken(statusMessage({ active, workers, changes: NO_CHANGES, now: NOW }, voice()), ['U0ALICE']);
    const offers = hosts.slice(0, 10).map(({ name }) => ({ host: name, offer: 'opaque' }));
    for (const name of HOSTILE) expectTaken(offersMessage('near', name, offers, 500, voice()));
    const { problems, commands } = voice().slack;
    for (const sentence of [problems, ...Object.values(commands).map(({ says }) => says)].flatMap(Object.values)) {
      for (const text of ['', ...HOSTILE]) {
        const details = {
          name: text,
          host: text,
          word: text,
          nearest: text,
          id: text,
          bot: 'tcp-oncall',
          reference: 'x',
        };
        expectTaken(complaint(sentence, details));
      }
    }
    for (const host of [null, 'web-01']) {
      for (const inThread of [true, false])
        expect(validateView(checkModal({ host, inThread, metadata: 'x' }, voice())).kind).toBe('view');
    }
    const recent = reports.slice(0, 60).map((report) => ({ id: newId('y'), report }));
    for (const home of [
      { mine: active, others: active, recent },
      { mine: [], others: [], recent: [] },
    ])
      expect(
        validateView(homeView({ ...home, changes: NO_CHANGES, decisions: new Map(), now: NOW }, voice())),
      ).toMatchObject({ kind: 'view' });
  });

  it('App Home is shown with a report that has no words here, beside others', () => {
    const [good] = reports;
    if (good === undefined) throw new Error('There are reports.');
    const [unknown, poor] = ['no-such-diagnosis', ids[0] ?? ''].map((id) => {
      const verdicts = [{ id, kind: 'found', severity: 'crit', facts: {}, causedBy: null }] as const;
      return { id: newId(id), report: { ...good, host: 'other-01', verdicts } };
    });
    const recent = [unknown, { id: newId('y'), report: good }, poor].filter((each) => each !== undefined);
    const home = { mine: [], others: [], recent, changes: NO_CHANGES, decisions: new Map(), now: NOW };
    const view = homeView(home, voice());
    expect(validateView(view)).toMatchObject({ kind: 'view' });
    for (const { id } of recent) expect(JSON.stringify(view)).toContain(id);
  });

  it.each(pages)('the page of %s is taken, with an address and without', async (id) => {
    const page = await topic(id);
    for (const one of [voice(), bareVoice()]) {
      const message = explainMessage(id, page, one);
      expectTaken(message);
      expect(message.blocks.length).toBeGreaterThan(3);
    }
    expect(JSON.stringify(explainMessage(id, page, bareVoice()).blocks)).toContain(`tcp-oncall explain ${id}`);
  });

  it.each(pages)('on the page of %s no cell of a table stands without the name of its column', async (id) => {
    const page = await topic(id);
    const lines = linesOf(explainMessage(id, page, voice()));
    const cells = tableCells(page.body);
    const belief = cells.filter(({ column }) => column === MYTH[language]);
    expect(belief.length).toBeGreaterThan(0);
    for (const { cell } of belief) expect(lines).toContain(`${MYTH[language]}: ${cell}`);
    // A short cell may stand in any sentence; a section that does not fit is left out, with its table.
    const shown = cells.filter(({ cell }) => cell.length > 20 && lines.some((line) => line.includes(cell)));
    for (const { column, cell } of shown) expect(lines).toContain(`${column}: ${cell}`);
  });

  it('a page of the site with links of every kind is taken', async () => {
    const page = await loadPage('close-wait-leak', language, null);
    const links = [
      'mailto:a@b.example',
      'ftp://x/y',
      'x://y',
      '//host/x',
      '../other/README.md',
      '#here',
      'https://ok.example',
    ];
    const body = `## One\n${links.map((href) => `[${href}](${href})`).join(' ')}\n`;
    for (const one of [voice(), bareVoice()]) expectTaken(explainMessage('close-wait-leak', { ...page, body }, one));
  });

  it('the list of everything that can be found is taken, names them all, and says how to read a page', () => {
    for (const one of [voice(), bareVoice()]) {
      const message = explainList(one);
      expectTaken(message);
      for (const id of ids) expect(JSON.stringify(message.blocks)).toContain(id);
      expect(JSON.stringify(message.blocks)).toContain(one.slack.explain.read);
    }
    expect(linksOf(explainList(voice()))).toHaveLength(ids.length);
    expect(linksOf(explainList(bareVoice()))).toEqual([]);
  });
});

const MYTH = { en: 'Commonly believed', ja: 'よくある思い込み' } as const;

function linksOf(message: unknown): readonly string[] {
  return [...JSON.stringify(message).matchAll(/"url":"([^"]*)"/g)].map(([, url]) => url ?? '');
}

/** Each cell below the head of a table, as plain text, with its column's name. */
function tableCells(body: string): readonly { readonly column: string; readonly cell: string }[] {
  const lines = body.split('\n');
  const rows = lines.flatMap((text, at) => (text.startsWith('|') ? [{ at, cells: cellsOf(text) }] : []));
  return rows.flatMap(({ at, cells }) => {
    let top = at;
    while (lines[top - 1]?.startsWith('|')) top--;
    const head = cellsOf(lines[top] ?? '');
    return at - top < 2 ? [] : cells.map((cell, index) => ({ column: head[index] ?? '', cell }));
  });
}

function cellsOf(row: string): readonly string[] {
  return row
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plainMarkdown(cell.trim().replaceAll('\\|', '|')));
}

function plainMarkdown(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*(\w[^*`]*\w)\*/g, '$1')
    .replaceAll(/\*\*|`/g, '');
}

/** Every line of the lists, as a reader sees it. */
function linesOf({ blocks }: SlackMessage): readonly string[] {
  const parts = blocks.flatMap((block) => (block.type === 'rich_text' ? block.elements : []));
  const items = parts.flatMap((part) => (part.type === 'rich_text_list' ? part.elements : []));
  return items.flatMap(({ elements }) =>
    elements
      .map((element) => ('text' in element ? element.text : ''))
      .join('')
      .split('\n'),
  );
}

it('both languages fill in the same names', () => {
  const placeholders = (value: unknown): unknown =>
    typeof value === 'string'
      ? [...new Set([...value.matchAll(/\{\{(?:#if )?(\w+)\}\}/g)].map(([, name]) => name))].toSorted()
      : Array.isArray(value)
        ? value.map(placeholders)
        : Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, placeholders(inner)]));
  expect(placeholders(voices.get('ja')?.slack)).toEqual(placeholders(voices.get('en')?.slack));
});
