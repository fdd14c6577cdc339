/** Channels of ssh2, as this folder's users know them. */
import type { ClientChannel } from 'ssh2';
import type { Channel, ChannelEnd, ChannelRequest, ChannelUser } from '../channel.ts';
import type { Ssh } from './log-in.ts';

/** `reason` where the host would open no channel. */
type OpenError = Error & { readonly reason?: unknown };

export function openChannel({ connection }: Ssh, request: ChannelRequest, user: ChannelUser): void {
  function onAnswer(error: OpenError | undefined, channel: ClientChannel): void {
    if (error === undefined) attend(channel, user);
    else user.onRefused(typeof error.reason === 'number' ? error.reason : undefined);
  }

  try {
    if (connection === null) user.onRefused(undefined);
    else if ('exec' in request) connection.exec(request.exec, onAnswer);
    else connection.subsys(request.subsystem, onAnswer);
  } catch {
    user.onRefused(undefined);
  }
}

function attend(channel: ClientChannel, user: ChannelUser): void {
  channel.on('data', user.onStdout);
  channel.stderr.on('data', user.onStderr);
  channel.on('close', (code: number | null | undefined, signal: string | undefined) =>
    user.onClose(endOf(code, signal)),
  );
  user.onOpen(asChannel(channel));
}

function asChannel(channel: ClientChannel): Channel {
  return {
    write: (bytes) => void channel.write(bytes),
    end: () => void channel.end(),
    close: () => channel.close(),
  };
}

function endOf(code: number | null | undefined, signal: string | undefined): ChannelEnd {
  if (typeof code === 'number') return { kind: 'exited', code };
  return typeof signal === 'string' ? { kind: 'signalled', signal } : { kind: 'unsaid' };
}
