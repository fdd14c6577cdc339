/** No work is ordered without approvals for exactly it, nor before that of the gate before is done. */
import { boundOf } from '#change/bound.ts';
import { type AnyKind, gatesOf } from '#change/kind.ts';
import type { Change } from '#domain/change.ts';
import type { Command } from '#domain/command.ts';
import type { SimHost, Told } from './hosts.ts';
import { allowedBy, type Begun, lineOf } from './judge.ts';
import { GROUPS } from './people.ts';
import { holds, KINDS, type Scene, type Task } from './scene.ts';
import { must } from './store.ts';

export function checkOrder(scene: Scene, task: Task, host: SimHost, told: Told, command: Command): void {
  const beginning = beginningOf(scene, task, told);
  if (beginning === undefined) return;
  const { change, gate } = beginning;
  scene.counts.begun += 1;
  const kind = KINDS.get(change.kind) as AnyKind;
  const spec = gatesOf(kind, change)[gate] ?? { name: '', trial: false };
  const reasons = textsOf(scene, told, kind, change, gate).map((text) =>
    command.hostKey === host.key && describes(text, spec.name, change, host, told)
      ? whyNot(scene, task, change, { text, gate: spec, first: gate === 0 })
      : `it is not of\n${text}`,
  );
  must(reasons.includes(undefined), `${told.verb} ${told.id} was ordered though ${reasons[0]}`);
  const before = change.gates[gate - 1]?.name;
  holds(
    scene,
    before === undefined || scene.reached.get(change.id)?.has(before) === true,
    `${told.verb} ${told.id}: ${before} was skipped`,
  );
}

/** The gate that an order begins the work of; undefined for any other order. */
function beginningOf(
  { memory }: Scene,
  { subject }: Task,
  { verb, id }: Told,
): { readonly change: Change; readonly gate: number } | undefined {
  const change = subject === null ? undefined : memory.changes.get(subject);
  if (change === undefined) return undefined;
  if (change.reverts !== null) return change.reverts === id && verb !== 'status' ? { change, gate: 0 } : undefined;
  const gate = change.gates.findIndex(({ name }) => name === verb);
  return gate < 0 ? undefined : { change, gate };
}

/** By the policy and the freezes that the worker saw who began the work. */
function whyNot(
  { begins, started, presses }: Scene,
  task: Task,
  change: Change,
  work: Pick<Begun, 'text' | 'gate' | 'first'>,
): string | undefined {
  const { policy, frozen, began, ruled } = begins.get(task) === change.id ? task : (started.get(change.id) ?? task);
  const groups = GROUPS[ruled ?? change.host] ?? [];
  const isFrozen = frozen.some((group) => group === '*' || groups.includes(group));
  return allowedBy({ ...work, presses, policy, frozen: isFrozen, began });
}

/** What an order is of: the text that the host gets; else that of the change, or of any press where the change was forged. */
function textsOf(
  { memory, presses }: Scene,
  told: Told,
  kind: AnyKind,
  change: Change,
  gate: number,
): readonly string[] {
  if (told.text !== null) return [told.text];
  return memory.isForged ? [...new Set(presses.map(({ text }) => text))] : [boundOf(kind, change, gate) ?? ''];
}

/** Whether a text is of what this host is told. */
function describes(text: string, gate: string, { id, reverts, kind }: Change, host: SimHost, told: Told): boolean {
  const wanted = {
    host: host.name,
    hostkey: host.key,
    change: id,
    kind,
    gate,
    reverts: reverts ?? '-',
    ...detailsOf(told),
  };
  return Object.entries(wanted).every(([name, value]) => lineOf(text, name) === value);
}

/** Of what the runner of a builder gets, what is a line of the text by itself. */
function isBound(word: string): boolean {
  return /^(?:recipe|seconds|release|arch|config|configsha)=/.test(word);
}

/** What runner.sh gets of the text; the helpers get all of it. */
function detailsOf({ program, verb, rest, text }: Told): Readonly<Record<string, string>> {
  const [first = '', seconds = ''] = rest;
  if (program === 'runner') return Object.fromEntries(rest.filter(isBound).map((word) => word.split('=')));
  if (text !== null || rest.length === 0) return {};
  return verb === 'build' ? { what: first } : { artefact: first, ...(verb === 'boot' && { revert: seconds }) };
}
