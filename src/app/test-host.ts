/** Logs in to one host and says what the account can see there: the shortest possible check, not judged. */
import { type ChangeHelper, type Unready, whyUnready } from '#domain/helper-state.ts';
import type { Reading, Reason } from '#domain/reading.ts';
import type { CheckFailure } from '#domain/report.ts';
import type { HostFacts } from '#evidence/host.ts';
import type { Processes } from '#evidence/processes.ts';
import { helperIn } from '#fixes/plan-fix.ts';
import { HELPER_VERSION } from '#kinds/sysctl/helper.ts';
import { type CheckRequest, type CheckTools, checkHost, judgeHere } from './check-host.ts';
import { parseSamples, type RawSamples } from './judge-samples.ts';

const SHORTEST_INTERVAL = 1;

export interface Access {
  readonly kind: 'access';
  readonly user: string;
  readonly kernel: string;
  readonly distribution: string | null;
  /** Sources that gave a value, by name. */
  readonly readable: readonly string[];
  /** Sources that did not, although the host may have what they ask for. */
  readonly unreadable: readonly { readonly source: string; readonly reason: Reason }[];
  /** Whose descriptors can be seen; null when that is not known. */
  readonly processes: 'all' | 'own' | null;
  readonly helper: Reading<ChangeHelper>;
  /** Why the helper is not the one that we would install; null also when it could not be looked at. */
  readonly unready: Unready | null;
}

type Request = Pick<CheckRequest, 'host' | 'signal'>;

/** Never throws for anything that can happen to a host or a network. */
export async function testHost(
  request: Request,
  tools: Omit<CheckTools, 'judge'>,
): Promise<Access | { readonly kind: 'failed'; readonly failure: CheckFailure }> {
  const outcome = await checkHost(
    { ...request, interval: SHORTEST_INTERVAL },
    { ...tools, judge: judgeHere(tools.sources, Promise.resolve([])) },
    {},
  );
  if (outcome.kind === 'failed') return outcome;
  if (outcome.report.interruption !== null) return { kind: 'failed', failure: outcome.report.interruption };
  return access(outcome.samples, request.host.user, tools);
}

function access(raw: RawSamples, user: string, { sources }: Pick<CheckTools, 'sources'>): Access {
  const evidence = parseSamples(raw, sources);
  const { samples } = evidence;
  const helper = helperIn(evidence);
  const readings = Object.assign(
    {},
    ...samples.toReversed().map((sample) => sample.readings),
  ) as (typeof samples)[0]['readings'];
  const entries = Object.entries(readings);
  const host = valueIn<HostFacts>(readings['host']);
  return {
    kind: 'access',
    user,
    kernel: host?.kernel ?? '',
    distribution: host?.distribution?.name ?? null,
    readable: entries.flatMap(([source, { kind }]) => (kind === 'read' ? [source] : [])),
    unreadable: entries.flatMap(([source, reading]) =>
      reading.kind === 'read' || reading.kind === 'absent' ? [] : [{ source, reason: reading.reason }],
    ),
    processes: valueIn<Processes>(readings['processes'])?.seen ?? null,
    helper,
    unready: whyUnready(helper, HELPER_VERSION),
  };
}

function valueIn<T>(reading: Reading<unknown> | undefined): T | undefined {
  return reading?.kind === 'read' ? (reading.value as T) : undefined;
}
