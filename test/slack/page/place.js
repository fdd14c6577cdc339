// Where the reader is: in the address, so that it can be shared and survives a reload.

export function readPlace() {
  const query = new URLSearchParams(location.search);
  return {
    user: query.get('as') ?? 'U0ALICE',
    channel: query.get('channel') ?? 'C0ONCALL',
    thread: query.get('thread'),
    language: query.get('lang'),
  };
}

export function writePlace({ user, channel, thread, language }) {
  const query = new URLSearchParams({
    as: user,
    channel,
    ...(thread && { thread }),
    ...(language && { lang: language }),
  });
  history.replaceState(null, '', `?${query}`);
}
