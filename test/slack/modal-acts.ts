/** Submitting a modal: what was filled in goes to the app, which says what becomes of the view. */
import * as payloads from './payloads.ts';
import type { Acted, Block, Person } from './snapshot.ts';
import { failed, fromAck, type Stage } from './stage.ts';
import { elementsOf } from './validate-blocks.ts';
import { validateView } from './validate-view.ts';
import type { OpenView } from './workspace.ts';

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>;

export async function submit(person: Person, values: Values, stage: Stage): Promise<Acted> {
  const stack = stage.workspace.modals.get(person.id) ?? [];
  const top = stack.at(-1);
  if (top === undefined) return failed('no_modal');
  const missing = missingInputs(top, values);
  if (Object.keys(missing).length > 0) {
    replaceTop(person, { ...top, errors: missing }, stage);
    return failed('missing_input');
  }
  const trigger = stage.shortLived.newTrigger(person.id);
  const ack = await stage.deliver('interactive', payloads.viewSubmission(person, trigger, top, stateOf(top, values)));
  if (ack.kind === 'acknowledged') follow(person, top, ack.answer, stage);
  return fromAck(ack);
}

function inputs({
  view,
}: OpenView): readonly { readonly block: Block; readonly element: Block; readonly optional: boolean }[] {
  return view.blocks.flatMap((block) =>
    elementsOf(block).map((element) => ({
      block,
      element,
      optional: block.type !== 'input' || block['optional'] === true,
    })),
  );
}

function given(block: Block, element: Block, values: Values): string | undefined {
  return values[String(block['block_id'])]?.[String(element['action_id'])] ?? initialOf(element);
}

function initialOf(element: Block): string | undefined {
  const {
    initial_option: option,
    initial_conversation: conversation,
    initial_value: value,
  } = element as { initial_option?: { value: string }; initial_conversation?: string; initial_value?: string };
  return option?.value ?? conversation ?? value;
}

/** Slack itself asks for what is not optional. */
function missingInputs(top: OpenView, values: Values): Readonly<Record<string, string>> {
  const empty = inputs(top).filter(({ block, element, optional }) => !optional && !given(block, element, values));
  return Object.fromEntries(
    empty.map(({ block }) => [String(block['block_id']), 'Please complete this required field.']),
  );
}

function stateOf(top: OpenView, values: Values): Readonly<Record<string, unknown>> {
  const state: Record<string, Record<string, unknown>> = {};
  for (const { block, element } of inputs(top)) {
    const blockId = String(block['block_id']);
    state[blockId] = {
      ...state[blockId],
      [String(element['action_id'])]: payloads.stateValue(element, given(block, element, values)),
    };
  }
  return state;
}

/** https://docs.slack.dev/surfaces/modals#handling_submissions */
function follow(person: Person, top: OpenView, answer: unknown, stage: Stage): void {
  const {
    response_action: action,
    errors,
    view,
  } = (answer ?? {}) as { response_action?: string; errors?: Record<string, string>; view?: unknown };
  const { modals } = stage.workspace;
  if (action === 'errors') {
    replaceTop(person, { ...top, errors: errors ?? {} }, stage);
    return;
  }
  const next = action === 'update' || action === 'push' ? validateView(view) : undefined;
  const stack = modals.get(person.id) ?? [];
  if (next?.kind === 'view') {
    const opened: OpenView = {
      id: action === 'update' ? top.id : `${top.id}P`,
      hash: `${Date.now()}`,
      view: next.view,
      errors: {},
    };
    modals.set(person.id, [...(action === 'update' ? stack.slice(0, -1) : stack), opened]);
  } else modals.set(person.id, action === 'clear' ? [] : stack.filter(({ id }) => id !== top.id));
  stage.workspace.changed();
}

function replaceTop(person: Person, top: OpenView, { workspace }: Stage): void {
  workspace.modals.set(person.id, [...(workspace.modals.get(person.id)?.slice(0, -1) ?? []), top]);
  workspace.changed();
}
