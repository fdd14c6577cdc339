/** Asks a fix for its plan with the evidence of one check, and measures its numbers before and after. Pure. */
import { gather } from '#diagnosis/engine.ts';
import { readNow } from '#diagnosis/lookup.ts';
import { sysctlText } from '#diagnosis/sysctl-value.ts';
import { helperNeededFor, PORT_RANGE, RESERVED_PORTS } from '#domain/allowed-sysctls.ts';
import type { Evidence } from '#domain/evidence.ts';
import { named } from '#domain/fact.ts';
import { type ChangeHelper, whyUnready } from '#domain/helper-state.ts';
import { outOfBounds, type PortsNow } from '#domain/out-of-bounds.ts';
import type { FileValue, Measures, Plan, Proposal, Step } from '#domain/plan.ts';
import type { Missing, Reading } from '#domain/reading.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { PersistedSysctls } from '#evidence/persisted-sysctls.ts';
import type { Fix, Setting } from './fix.ts';
import { needsOf } from './needs.ts';

export function planFixes(fixes: readonly Fix[], host: string, evidence: Evidence): readonly Proposal[] {
  return fixes.map((fix) => planFix(fix, host, evidence));
}

export function planFix(fix: Fix, host: string, evidence: Evidence): Proposal {
  const given = gather(fix, evidence);
  if (given.kind === 'missing') return unknown(fix, given.reading);
  const answer = fix.plan(given.value);
  if (answer.kind === 'undecided') return unknown(fix, answer.blockedBy);
  if (answer.kind === 'refused') return { kind: 'refused', fix: fix.id, why: answer.why, facts: answer.facts };
  const facts = readNow('host', evidence) as Reading<HostFacts>;
  if (facts.kind !== 'read') return unknown(fix, facts);
  const planned = answer.settings.map(({ key }) => key);
  const steps: Step[] = [];
  for (const setting of answer.settings) {
    const step = stepOf(setting, planned, evidence);
    if (step.kind !== 'step') return unknown(fix, step.missing);
    steps.push(step.step);
  }
  const refused = refusedByBounds(fix, steps, evidence);
  if (refused !== undefined) return refused;
  const { netns, kernel } = facts.value;
  const before = fix.measure(given.value, answer.facts);
  const plan: Plan = {
    fix: fix.id,
    host,
    netns,
    kernel,
    risk: fix.risk,
    steps,
    facts: answer.facts,
    goals: answer.goals,
    before,
  };
  return { kind: 'plan', plan, cures: fix.cures, unready: whyUnready(helperIn(evidence), helperNeededFor(steps)) };
}

export function helperIn(evidence: Evidence): Reading<ChangeHelper> {
  return readNow('change-helper', evidence) as Reading<ChangeHelper>;
}

/** The same numbers from later evidence; undefined when it lacks what the fix needs to be measured. */
export function measureFix(fix: Fix, facts: Plan['facts'], evidence: Evidence): Measures | undefined {
  const given = gather(fix, evidence);
  return given.kind === 'missing' ? undefined : fix.measure(given.value, facts);
}

/** What the helper on the host would refuse is not offered. */
function refusedByBounds({ id }: Fix, steps: readonly Step[], evidence: Evidence): Proposal | undefined {
  const broken = outOfBounds(steps, portsNow(evidence));
  if (broken === undefined) return undefined;
  const facts = Object.entries(broken).map(([name, text]) => [name, named(text, 'allowed-sysctls')]);
  return { kind: 'refused', fix: id, why: 'out-of-bounds', facts: Object.fromEntries(facts) };
}

/** Kernels without the list reserve no port. */
function portsNow(evidence: Evidence): PortsNow {
  const text = (key: typeof PORT_RANGE | typeof RESERVED_PORTS) => {
    const reading = readNow(`sysctl:${key}`, evidence);
    return reading.kind === 'read' ? sysctlText(reading.value) : '';
  };
  return { range: text(PORT_RANGE), reserved: text(RESERVED_PORTS) };
}

function unknown(fix: Fix, { reason }: Missing): Proposal {
  return { kind: 'unknown', fix: fix.id, reason };
}

/** One value for all namespaces (net/netfilter/nf_conntrack_standalone.c: writable in the first namespace only). */
const HOST_WIDE: readonly string[] = ['net.netfilter.nf_conntrack_max', 'net.netfilter.nf_conntrack_buckets'];

function stepOf(
  { key, to }: Setting,
  planned: readonly string[],
  evidence: Evidence,
): { readonly kind: 'step'; readonly step: Step } | { readonly kind: 'missing'; readonly missing: Missing } {
  const live = readNow(`sysctl:${key}`, evidence);
  if (live.kind !== 'read') return { kind: 'missing', missing: live };
  const from = sysctlText(live.value);
  const scope = HOST_WIDE.includes(key) ? 'host' : 'netns';
  const [files, needs] = [filesOf(key, evidence), needsOf(key, planned)];
  return { kind: 'step', step: { key, from, to, scope, files, needs } };
}

/** Files that could not be looked at set nothing that we know of: whoever persists the change looks again. */
function filesOf(key: string, evidence: Evidence): readonly FileValue[] {
  const persisted = readNow('persisted-sysctls', evidence) as Reading<PersistedSysctls>;
  const entry = persisted.kind === 'read' ? persisted.value.keys.find((one) => one.key === key) : undefined;
  if (entry === undefined) return [];
  const winner = entry.boot ?? entry.system;
  return [...entry.shadowed, ...(winner === null ? [] : [winner])].map(({ file, line, value }) => ({
    file,
    line,
    value,
  }));
}
