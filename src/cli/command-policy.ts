/** `tcp-oncall policy test`: who could ask for and approve what, on which host, and by which rule. */
import { loadChangeWords } from '#catalogue.ts';
import { type Circle, freezeNow, type PolicyRule, ruleFor, rulesWithoutBreakGlass } from '#change/policy.ts';
import { SYSCTL } from '#change/sysctl-gates.ts';
import { RISKS } from '#domain/plan.ts';
import { KNOWN_KINDS } from '#kinds/known-kinds.ts';
import type { ChangeWords } from '#render/slack/change-words.ts';
import { tableLines } from '#render/table.ts';
import { fill } from '#render/words.ts';
import { wrapLines } from '#render/wrap.ts';
import { STATUS, type Status } from './failure.ts';
import { screenOf } from './screen.ts';
import type { Settings } from './settings.ts';
import { findTarget } from './target.ts';
import type { World } from './world.ts';

type Words = ChangeWords['cli'];

/** `name`: one host instead of all. */
export async function testPolicy(name: string | undefined, settings: Settings, world: World): Promise<Status> {
  const { cli } = await loadChangeWords(settings.language, settings.overrides);
  const { policy } = settings.config.changes;
  const hosts = name === undefined ? (await settings.inventory()).listHosts() : [await findTarget(name, settings)];
  const now = new Date();
  const rows = hosts.flatMap(({ name: host, groups }) =>
    RISKS.map((risk) => {
      const frozen = freezeNow(policy, groups, now);
      const why = frozen === undefined ? [] : [fill(cli.frozen, { why: frozen.why })];
      return [host, risk, ...ruleCells(ruleFor(policy, { groups, risk, kind: SYSCTL }), why, cli)];
    }),
  );
  const { width } = screenOf(world.stdout, world.env);
  if (policy.rules.length === 0) {
    world.stdout.write(`${cli.noPolicy}\n`);
    return STATUS.nothing;
  }
  for (const line of tableLines([[cli.host, cli.risk, cli.ask, cli.approve, cli.rule], ...rows], width))
    world.stdout.write(`${line}\n`);
  const [breakGlass, admins] = [policy.breakGlass, policy.admins].map((circle) => names(circle, cli));
  world.stdout.write(`\n${fill(cli.others, { breakGlass: breakGlass ?? '', admins: admins ?? '' })}\n`);
  if (rulesWithoutBreakGlass(policy, KNOWN_KINDS).length > 0) world.stdout.write(`${wrapLines(cli.notAlone, width)}\n`);
  return STATUS.nothing;
}

function ruleCells(rule: PolicyRule | undefined, more: readonly string[], cli: Words): readonly string[] {
  if (rule === undefined) return [cli.nobody, cli.nobody, more.join('; ')];
  const { ask, approve, approvals: n, revertMinutes, longestRevertMinutes, expiresMinutes, outsideSlack } = rule;
  const times = { usual: revertMinutes, longest: longestRevertMinutes, expires: expiresMinutes };
  return [
    ask === null ? cli.everybody : names(ask, cli),
    fill(cli.numberOf, { n, circle: names(approve, cli) }),
    [fill(cli.times, times), ...(outsideSlack ? [cli.outsideSlack] : []), ...more].join('; '),
  ];
}

function names(circle: Circle | null, cli: Words): string {
  const all = circle === null ? [] : [...circle.users, ...circle.userGroups];
  return all.length === 0 ? cli.nobody : all.join(', ');
}
