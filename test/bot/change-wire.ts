/** The wire between the bot and hosts in memory: what is sent may be lost on its way there or back, or come late. */
import type { RunOnHost } from '#app/ports.ts';
import type { Command, CommandResult } from '#domain/command.ts';
import type { PolicyName } from './change-rules.ts';
import { NO_OUTPUT, UNREACHABLE } from './command-results.ts';
import { type Order, readOrder } from './read-order.ts';
import type { TrialHost } from './trial-host.ts';

/** What becomes of one command and its answer. Only an order to apply is late: nothing tells a late Keep from one in time. */
export type Wire = 'fine' | 'unreachable' | 'cut-before' | 'cut-after' | 'late';

/** An order to write, as it left for the host. */
export interface Application {
  readonly id: string;
  readonly host: string;
  readonly order: Order;
  /** What the worker that gave the order went by. */
  readonly policy: PolicyName;
  /** The newest record of the trail at that moment. */
  readonly seq: number;
}

const CUT: CommandResult = { ...NO_OUTPUT, kind: 'connection-lost', why: 'cut' };

function isApply({ input }: Command): boolean {
  return input.kind === 'argv' && input.argv.includes('apply');
}

export function createWire(hosts: ReadonlyMap<string, TrialHost>, newestSeq: () => Promise<number>) {
  const applications: Application[] = [];
  let late: (() => void)[] = [];

  async function note(host: string, request: Command, policy: PolicyName): Promise<void> {
    const { input } = request;
    if (input.kind !== 'argv' || !isApply(request)) return;
    const [id = ''] = input.argv.slice(input.argv.indexOf('apply') + 1);
    const seq = await newestSeq();
    applications.push({ id, host, order: readOrder(input.stdin ?? ''), policy, seq });
  }

  function send(host: TrialHost, request: Command, fate: Wire): CommandResult {
    switch (fate) {
      case 'fine':
        return host.run(request);
      case 'unreachable':
        return UNREACHABLE;
      case 'cut-before':
        return CUT;
      case 'cut-after':
        host.run(request);
        return CUT;
      case 'late':
        if (isApply(request)) late.push(() => host.run(request));
        else host.run(request);
        return CUT;
    }
  }

  return {
    applications,
    over(policy: PolicyName, fate: Wire): RunOnHost {
      return async ({ name }, request) => {
        const host = hosts.get(name);
        if (host === undefined) throw new Error(`No host ${name}.`);
        if (fate !== 'unreachable') await note(name, request, policy);
        return send(host, request, fate);
      };
    },
    /** What was on its way is there. */
    arrive(): void {
      const all = late;
      late = [];
      for (const each of all) each();
    },
  };
}
