/** `tcp-oncall policy test`: who could ask for what and approve each gate, on which host, and by which rule. */
import {
  type Circle,
  freezeNow,
  gateMinutes,
  gateRule,
  type KindGates,
  type Policy,
  type PolicyRule,
  ruleFor,
  rulesWithoutBreakGlass,
} from '#change/policy.ts';
import { groupBy } from '#domain/group-by.ts';
import type { Host } from '#domain/host.ts';
import { RISKS } from '#domain/plan.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import type { Call } from './define.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import { findTarget } from './target.ts';

type Words = ChangeWords['cli'];

/** Of one host, or of all. */
export async function testPolicy({ given: [name], session }: Call): Promise<Status> {
  const { cli } = await session.changeWords();
  const { policy } = session.config.changes;
  const hosts = name === undefined ? (await session.inventory()).listHosts() : [await findTarget(name, session)];
  const rows = hosts.flatMap((host) => hostRows(host, policy, KNOWN_KINDS, new Date(), cli));
  const { width } = screenOf(session.stdout, session.env);
  if (policy.rules.length === 0) {
    session.stdout.write(`${cli.noPolicy}\n`);
    return STATUS.nothing;
  }
  for (const line of tableLines([[cli.host, cli.risk, cli.gate, cli.ask, cli.approve, cli.rule], ...rows], width))
    session.stdout.write(`${line}\n`);
  const [breakGlass, admins] = [policy.breakGlass, policy.admins].map((circle) => names(circle, cli));
  session.stdout.write(`\n${fill(cli.others, { breakGlass: breakGlass ?? '', admins: admins ?? '' })}\n`);
  if (rulesWithoutBreakGlass(policy, KNOWN_KINDS).length > 0)
    session.stdout.write(`${wrapLines(cli.notAlone, width)}\n`);
  return STATUS.nothing;
}

/** A row for each gate; risks that the same rule covers are together. Pure. */
export function hostRows(
  { name, groups }: Pick<Host, 'name' | 'groups'>,
  policy: Policy,
  kinds: readonly KindGates[],
  now: Date,
  cli: Words,
): readonly (readonly string[])[] {
  const frozen = freezeNow(policy, groups, now);
  const more = frozen === undefined ? [] : [fill(cli.frozen, { why: frozen.why })];
  return kinds.flatMap((kind) =>
    [...groupBy(RISKS, (risk) => ruleFor(policy, { groups, risk, kind: kind.name }))].flatMap(([rule, risks]) => {
      const [first, ...rest] =
        rule === undefined ? [[kind.name, cli.nobody, cli.nobody, '']] : gateRows(rule, kind, cli);
      const [gate = '', ask = '', approve = '', terms = ''] = first ?? [];
      const said = [terms, ...more].filter((text) => text !== '').join('; ');
      return [[name, risks.join(', '), gate, ask, approve, said], ...rest.map((cells) => ['', '', ...cells])];
    }),
  );
}

/** What concerns every gate stands at the first. */
function gateRows(rule: PolicyRule, { name, gates }: KindGates, cli: Words): readonly (readonly string[])[] {
  const { ask, revertMinutes: usual, longestRevertMinutes: longest, ownBuilder } = rule;
  return gates.map((gate, index) => {
    const { approve, approvals, outsideSlack } = gateRule(rule, gate);
    const terms = [
      ...(index === 0 ? [fill(cli.times, { usual, longest })] : []),
      ...(index === 0 && ownBuilder ? [cli.ownBuilder] : []),
      ...(gate.trial ? [] : [fill(cli.expires, { time: timeText(gateMinutes(rule, gate), cli) })]),
      ...(outsideSlack ? [cli.outsideSlack] : []),
    ];
    return [
      `${name} ${gate.name}`,
      index > 0 ? '' : ask === null ? cli.everybody : names(ask, cli),
      fill(cli.numberOf, { n: approvals, circle: names(approve, cli) }),
      terms.join('; '),
    ];
  });
}

function timeText(minutes: number, { minutes: few, hours }: Words): string {
  return minutes % 60 === 0 ? fill(hours, { n: minutes / 60 }) : fill(few, { n: minutes });
}

function names(circle: Circle | null, cli: Words): string {
  const all = circle === null ? [] : [...circle.users, ...circle.userGroups];
  return all.length === 0 ? cli.nobody : all.join(', ');
}
