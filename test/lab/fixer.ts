/** The product's own way with a lab host: check it, plan a fix, apply it through the helper over SSH, prove it, keep or revert it. */
import { randomBytes } from 'node:crypto';
import { checkHost, judgeHere } from '#app/check-host.ts';
import { parseSamples } from '#app/judge-samples.ts';
import { newId } from '#app/new-id.ts';
import { writeRecording } from '#app/recording.ts';
import { loadDiagnoses, loadFixes } from '#catalogue.ts';
import { boundOf } from '#change/bound.ts';
import type { Deed } from '#change/kind.ts';
import { prove } from '#change/prove.ts';
import type { Change, ProofVerdict } from '#domain/change.ts';
import { type Host, parseHostName, SSH2 } from '#domain/host.ts';
import type { Measures, Plan, Proposal } from '#domain/plan.ts';
import { SOURCES } from '#evidence/sources.ts';
import type { Fix } from '#fixes/fix.ts';
import { measureFix, planFix } from '#fixes/plan-fix.ts';
import { createPool } from '#ssh/pool.ts';
import { proposedChange, SYSCTL_KIND } from '../bot/change-samples.ts';
import { keepEvidence } from './evidence.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';

/** Between two samples, as src/app/prove.ts has it. */
const INTERVAL_SECONDS = 3;

export interface Checked {
  /** Ids of the diagnoses that were found. */
  readonly found: readonly string[];
  /** What a fix makes of the same evidence. */
  readonly proposal: (fix: string) => Proposal;
  /** Writes what was read for `replay`, and resolves with the directory: for a test that is about to fail. */
  readonly keep: () => Promise<string>;
}

export interface Proved {
  readonly verdict: ProofVerdict;
  readonly after: Measures;
  readonly found: readonly string[];
}

/** Values in force until they are reverted; on disposal at the latest. */
export interface Trial extends AsyncDisposable {
  keep(): Promise<void>;
  revert(): Promise<void>;
}

export interface Fixer extends AsyncDisposable {
  readonly fixes: readonly Fix[];
  check(host: string): Promise<Checked>;
  apply(plan: Plan): Promise<Trial>;
  /** Checks again, and judges the plan's numbers against those of the first check. */
  prove(plan: Plan): Promise<Proved>;
}

export async function openFixer(lab: Lab): Promise<Fixer> {
  const [catalogue, fixes] = await Promise.all([loadDiagnoses(), loadFixes()]);
  const pool = createPool({ knownHosts: [lab.paths.knownHosts] });
  const tools = {
    run: pool.run,
    sources: SOURCES,
    judge: judgeHere(SOURCES, Promise.resolve(catalogue)),
    now: () => new Date(),
  };

  async function examine(name: string) {
    const request = { host: hostOf(lab, name), interval: INTERVAL_SECONDS };
    const outcome = await checkHost(request, tools, {});
    if (outcome.kind === 'failed') throw new LabError(`${name} cannot be checked: ${outcome.failure.kind}.`);
    const found = outcome.report.verdicts.flatMap(({ kind, id }) => (kind === 'found' ? [id] : []));
    const { samples, report } = outcome;
    const { startedAt, interval } = report;
    const meta = { host: name, startedAt: startedAt.toISOString(), interval, version: 'test' };
    async function keep(): Promise<string> {
      const { dir } = await keepEvidence(name);
      await writeRecording(dir, { samples, meta });
      return dir;
    }
    return { found, evidence: parseSamples(samples, SOURCES), keep };
  }

  /** As a worker does it for a change in this state. */
  async function order(change: Change, deed: Deed, wanted: 'done' | 'undone'): Promise<void> {
    const frame = word();
    const text = change.state.kind === 'ended' ? undefined : boundOf(SYSCTL_KIND, change, change.state.gate);
    const wish = SYSCTL_KIND.order(change, deed, frame, { text: text ?? '', signatures: [] });
    const result = await pool.run(hostOf(lab, change.host), wish);
    const said = SYSCTL_KIND.observe(change, deed, result, frame, new Date());
    if (said.kind !== wanted) throw new LabError(`${deed} on ${change.host}: ${JSON.stringify(said)}.`);
  }

  return {
    fixes,
    async check(host) {
      const { found, evidence, keep } = await examine(host);
      return { found, keep, proposal: (fix) => planFix(fixOf(fixes, fix), host, evidence) };
    },
    async apply(plan) {
      const proposed = proposedChange(newId(word()), plan, new Date());
      const reverts = new Date(Date.now() + 600_000);
      const state = { kind: 'working', at: new Date(), wish: null, running: false } as const;
      await order({ ...proposed, state: { ...state, gate: 0, reverts: null } }, 'begin', 'done');
      const gates = proposed.gates.map((gate) => ({ ...gate, expiresAt: reverts }));
      const trial = { ...proposed, gates, state: { ...state, gate: 1, reverts } };
      const back = { ...proposedChange(newId(word()), plan, new Date()), reverts: proposed.id };
      let isKept = false;
      let isOver = false;
      const revert = async () => {
        // What is kept is taken back by a change of its own.
        if (isKept) await order({ ...back, state: { ...state, gate: 0, reverts: null } }, 'begin', 'done');
        else await order(trial, 'revert', 'undone');
        isOver = true;
      };
      return {
        async keep() {
          await order(trial, 'begin', 'done');
          isKept = true;
        },
        revert,
        [Symbol.asyncDispose]: async () => (isOver ? undefined : revert()),
      };
    },
    async prove(plan) {
      const { found, evidence } = await examine(plan.host);
      const after = measureFix(fixOf(fixes, plan.fix), plan.facts, evidence) ?? {};
      return { verdict: prove(plan.goals, plan.before, after), after, found };
    },
    [Symbol.asyncDispose]: pool.close,
  };
}

function hostOf(lab: Lab, wanted: string): Host {
  const name = parseHostName(wanted);
  if (name === undefined) throw new LabError(`${wanted} is not a host name.`);
  const login = { address: lab.host(wanted).address, port: 22, user: 'ops', identityFiles: [lab.paths.identity] };
  return { name, groups: [], jump: [], transport: SSH2, ...login };
}

function fixOf(fixes: readonly Fix[], id: string): Fix {
  const fix = fixes.find((each) => each.id === id);
  if (fix === undefined) throw new LabError(`There is no fix ${id}.`);
  return fix;
}

function word(): string {
  return randomBytes(12).toString('hex');
}
