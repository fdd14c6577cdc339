// Times as the reader's language writes them.

export function clock(ts, locale) {
  return new Date(Number(ts) * 1000).toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' });
}

const TOKENS = {
  date_short_pretty: (at, locale) =>
    day(at, locale) ?? at.toLocaleDateString(locale, { month: 'short', day: 'numeric', year: 'numeric' }),
  date_pretty: (at, locale) => day(at, locale) ?? at.toLocaleDateString(locale, { dateStyle: 'long' }),
  date: (at, locale) => at.toLocaleDateString(locale, { dateStyle: 'long' }),
  date_num: (at) => at.toISOString().slice(0, 10),
  time: (at, locale) => at.toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' }),
  time_secs: (at, locale) => at.toLocaleTimeString(locale),
};

/** `{date_short_pretty} {time}` and the like. */
export function dateToken({ timestamp, format }, locale) {
  const at = new Date(timestamp * 1000);
  return format.replaceAll(/\{(\w+)\}/g, (whole, name) => TOKENS[name]?.(at, locale) ?? whole);
}

function day(at, locale) {
  if (at.toDateString() !== new Date().toDateString()) return undefined;
  return locale.startsWith('ja') ? '今日' : 'today';
}
