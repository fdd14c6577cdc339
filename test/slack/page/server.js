// The few requests this page makes.

export async function fetchState(user) {
  const answer = await fetch(`/_local/state?as=${encodeURIComponent(user)}`);
  return answer.json();
}

export async function act(user, what) {
  const answer = await fetch('/_local/act', { method: 'POST', body: JSON.stringify({ as: user, act: what }) });
  return answer.json();
}

/** Calls back on every change, and again when the connection was lost and is back. */
export function watch(onChange) {
  const events = new EventSource('/_local/events');
  events.addEventListener('message', onChange);
}
