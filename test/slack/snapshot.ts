/** What a person sees of the local Slack, as data: what the page draws and what a test looks at. */

export interface Snapshot {
  readonly workspace: { readonly name: string; readonly team: string };
  readonly bot: { readonly user: string; readonly name: string };
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
  /** In the order they were posted; deleted ones are not listed. */
  readonly messages: readonly Message[];
  /** The modal each person has open, by user id; the top of the stack. */
  readonly modals: Readonly<Record<string, ModalView>>;
  /** What each person's App Home shows, by user id. */
  readonly homes: Readonly<Record<string, HomeView>>;
  readonly shortcuts: readonly Shortcut[];
  readonly commands: readonly { readonly command: string; readonly description: string; readonly usageHint: string }[];
  /** Whether an app is connected (Socket Mode) or has a request URL that answered last time. */
  readonly connected: boolean;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  /** en-US, ja-JP */
  readonly locale: string;
  readonly kind: 'member' | 'guest' | 'bot' | 'deactivated' | 'other-organisation';
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly members: readonly string[];
  readonly topic: string;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  /** The parent's ts; null for a message in the channel itself. */
  readonly thread: string | null;
  /** A reply that the channel sees as well. */
  readonly broadcast: boolean;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Whom it notifies: user ids, `here`, `channel`, `everyone`. */
  readonly pings: readonly string[];
  /** The one person who sees it; null = everybody. */
  readonly onlyFor: string | null;
  readonly edited: boolean;
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly files: readonly {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly size: number;
    readonly url: string;
  }[];
}

/** A Block Kit block as the app sent it, with block_id and action_id filled in as Slack does. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string };

export interface ModalView {
  readonly id: string;
  readonly title: string;
  readonly submit: string | null;
  readonly close: string | null;
  readonly blocks: readonly Block[];
  /** What the app answered to the last submission, by block_id. */
  readonly errors: Readonly<Record<string, string>>;
}

export interface HomeView {
  readonly blocks: readonly Block[];
}

export interface Shortcut {
  readonly type: 'global' | 'message';
  readonly callbackId: string;
  readonly name: string;
}

/** What a person does. */
export type Act =
  /** Text, or a slash command when it begins with a command the app has. */
  | { readonly kind: 'type'; readonly channel: string; readonly thread?: string; readonly text: string }
  /** A button, a select, an overflow: of a message, the open modal, or App Home. `value` for selects. */
  | {
      readonly kind: 'press';
      readonly at: { readonly message: string; readonly channel: string } | 'modal' | 'home';
      readonly blockId?: string;
      readonly actionId: string;
      readonly value?: string;
    }
  /** What an external select offers for what was typed so far. */
  | {
      readonly kind: 'options';
      readonly at: { readonly message: string; readonly channel: string } | 'modal' | 'home';
      readonly blockId: string;
      readonly actionId: string;
      readonly typed: string;
    }
  | {
      readonly kind: 'shortcut';
      readonly callbackId: string;
      readonly message?: { readonly channel: string; readonly ts: string };
    }
  /** By block_id and action_id; text for inputs, option value for selects, conversation id for conversation selects. */
  | { readonly kind: 'submit'; readonly values: Readonly<Record<string, Readonly<Record<string, string>>>> }
  | { readonly kind: 'close-modal' }
  | { readonly kind: 'open-home' };

/** What came of it, once the app has acknowledged or the three seconds have passed. */
export interface Acted {
  readonly ok: boolean;
  /** Milliseconds until the app acknowledged; null when it did not, or nothing was sent to it. */
  readonly ackMs: number | null;
  /** What Slack shows the person when it did not work, such as operation_timeout. */
  readonly error: string | null;
  /** For `options`. */
  readonly options?: readonly { readonly text: string; readonly value: string }[];
}
