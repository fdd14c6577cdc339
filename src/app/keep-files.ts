/** Fetches what a kind wants kept when the work behind a gate has ended: before that is written, so that people find it with what they are told. */
import type { Keepsake, Observation } from '#change/kind.ts';
import { type Change, gateOf } from '#domain/change.ts';
import { failureText } from '#domain/change-failure.ts';
import type { AdvanceTools } from './advance-ports.ts';
import { kindOf } from './transition.ts';

/** Best effort: of a file that could not be fetched, why is kept. Rejects with a StoreDown. */
export async function keepFiles(change: Change, said: Observation, tools: AdvanceTools): Promise<void> {
  if (!isEnd(change, said)) return;
  const keepsakes = kindOf(change, tools.kinds).keepsakes?.(change) ?? [];
  await Promise.all(keepsakes.map((keepsake) => keep(change, keepsake, tools)));
}

/** Of the work that was under way. */
function isEnd(change: Change, said: Observation): boolean {
  const { state } = change;
  if (state.kind !== 'working' && state.kind !== 'unclear') return false;
  if (said.kind === 'done') return said.gate === gateOf(change)?.name;
  return said.kind === 'refused' || said.kind === 'undone';
}

async function keep(change: Change, keepsake: Keepsake, tools: AdvanceTools): Promise<void> {
  await tools.changes.keepFile(change.id, keepsake.name, await fetch(change, keepsake, tools));
}

type Content = Parameters<AdvanceTools['changes']['keepFile']>[2];

async function fetch(change: Change, { role, path, mostBytes }: Keepsake, tools: AdvanceTools): Promise<Content> {
  const name = kindOf(change, tools.kinds).hostOf(change.plan, role);
  const hostKey = change.gates.find((gate) => gate.host === name)?.hostKey;
  const host = name === undefined ? undefined : await tools.findHost(name);
  if (host === undefined || 'kind' in host || hostKey == null) return { why: `no-host ${name ?? role}` };
  const read = await tools.read({ host, hostKey, path, mostBytes });
  if (read.kind === 'read') return read.bytes;
  return { why: read.kind === 'away' ? `unreachable ${read.host}` : failureText(read.failure) };
}
