import { rate } from '#diagnosis/accept-walk.ts';
import { defineDiagnosis, type Given } from '#diagnosis/diagnosis.ts';
import { isFull, type SynQueue, synQueues } from '#diagnosis/syn-queue.ts';
import { fact, flag, setting } from '#domain/fact.ts';
import { isUnknown } from '#domain/reading.ts';
import { found, type Judgement, ruledOut, type Severity, undecided } from '#domain/verdict.ts';

const MODE = 'sysctl:net.ipv4.tcp_syncookies';
const BACKLOG = 'sysctl:net.ipv4.tcp_max_syn_backlog';
const COOKIES = 'counter:TcpExt.TCPReqQFullDoCookies';
const DROPS = 'counter:TcpExt.TCPReqQFullDrop';
const SENT = 'counter:TcpExt.SyncookiesSent';
const RECEIVED = 'counter:TcpExt.SyncookiesRecv';
const FAILED = 'counter:TcpExt.SyncookiesFailed';

/** 2 answers every SYN with a cookie, queue or not, and counts each as if the queue had been full. */
const ALWAYS = 2;

/** Real clients answer almost every cookie, made-up senders of a flood answer none. In between it may be either. */
const REAL = 0.5;
const UNANSWERED = 0.1;
/** Below so many cookies a second nobody can tell a flood from a few clients that went away. */
const FLOOD = 20;
/** Refused handshakes a second from which it is more than a stray. */
const FAILING = 1;

const WANTS = {
  needs: ['sockets', 'listeners', 'host', MODE],
  uses: [BACKLOG, 'kernel-log'],
  usesChange: [COOKIES, DROPS, SENT, RECEIVED, FAILED],
} as const;

type Wants = Given<
  (typeof WANTS)['needs'][number],
  never,
  (typeof WANTS)['uses'][number],
  (typeof WANTS)['usesChange'][number]
>;

export const diagnosis = defineDiagnosis({ id: 'syn-queue-overflow', area: 'syn', ...WANTS, judge });

function judge({ now, maybe, maybeChange }: Wants): Judgement {
  const [queue] = synQueues(now.sockets.inbound, now.listeners.listeners, {
    release: now.host.kernel,
    maxSynBacklog: maybe[BACKLOG].kind === 'read' ? maybe[BACKLOG].value : null,
  });
  // Counted under a name of its own since 3.10; before, any cookie at all means that a queue was full.
  const counted = maybeChange[COOKIES].kind === 'absent' ? maybeChange[SENT] : maybeChange[COOKIES];
  const flow = {
    cookies: rate(counted),
    drops: rate(maybeChange[DROPS]),
    sent: rate(maybeChange[SENT]),
    received: rate(maybeChange[RECEIVED]),
    failed: rate(maybeChange[FAILED]),
  };
  const facts = { ...modeFacts(now[MODE]), ...queueFacts(queue), ...flowFacts(flow), logged: logged(maybe) };
  if (now[MODE] === ALWAYS) return ruledOut(facts);
  const severity = severityOf(flow, queue !== undefined && isFull(queue), now[MODE]);
  if (severity !== undefined) return found(severity, facts);
  if (counted.kind !== 'read') return undecided(counted);
  return isUnknown(maybeChange[DROPS]) ? undecided(maybeChange[DROPS]) : ruledOut(facts);
}

interface Flow {
  readonly cookies: number | null;
  readonly drops: number | null;
  readonly sent: number | null;
  readonly received: number | null;
  readonly failed: number | null;
}

function severityOf({ cookies, drops, received, failed }: Flow, full: boolean, mode: number): Severity | undefined {
  if ((drops ?? 0) > 0 || (full && (isRefusing(received, failed) || mode === 0))) return 'crit';
  return (cookies ?? 0) > 0 || full ? 'warn' : undefined;
}

/** Cookies come back wrong more often than right: clients that finished the handshake are refused. */
function isRefusing(received: number | null, failed: number | null): boolean {
  return (failed ?? 0) >= FAILING && (failed ?? 0) > (received ?? 0);
}

function modeFacts(mode: number) {
  return {
    mode: setting(mode, MODE),
    cookiesOn: flag(mode !== 0, 'mode > 0'),
    always: flag(mode === ALWAYS, `mode = ${ALWAYS}`),
  };
}

function queueFacts(queue: SynQueue | undefined) {
  return {
    port: setting(queue?.port ?? null, 'sockets'),
    halfOpen: fact(queue?.halfOpen ?? 0, 'sockets', 'sockets: SYN_RECV of this port'),
    limit: setting(queue?.limit ?? null, 'listeners: Send-Q + 1 (before Linux 4.3: a power of two)'),
    full: flag(queue !== undefined && isFull(queue), 'halfOpen >= limit, and 8 or more'),
  };
}

function flowFacts({ cookies, drops, sent, received, failed }: Flow) {
  const valid = sent === null || received === null || sent === 0 ? null : Math.min(1, received / sent);
  return {
    cookies: fact(cookies, 'per-second', `${COOKIES} / seconds (SyncookiesSent before Linux 3.10)`),
    drops: fact(drops, 'per-second', `${DROPS} / seconds`),
    overflowing: flag((cookies ?? 0) > 0, 'cookies > 0'),
    dropping: flag((drops ?? 0) > 0, 'drops > 0'),
    cookiesSent: fact(sent, 'per-second', `${SENT} / seconds`),
    cookiesAnswered: fact(received, 'per-second', `${RECEIVED} / seconds`),
    cookiesFailed: fact(failed, 'per-second', `${FAILED} / seconds`),
    answeredShare: fact(valid, 'ratio', 'cookiesAnswered / cookiesSent'),
    refused: flag(isRefusing(received, failed), `cookiesFailed >= ${FAILING} and > cookiesAnswered`),
    realClients: flag(valid !== null && valid >= REAL, `answeredShare >= ${REAL}`),
    unanswered: flag(
      (sent ?? 0) >= FLOOD && (received ?? 0) + (failed ?? 0) < UNANSWERED * (sent ?? 0),
      `cookiesSent >= ${FLOOD}, (cookiesAnswered + cookiesFailed) / cookiesSent < ${UNANSWERED}`,
    ),
  };
}

function logged({ 'kernel-log': log }: Wants['maybe']) {
  const lines = log.kind === 'read' ? log.value.messages.find(({ message }) => message === 'syn-flooding') : undefined;
  return fact(log.kind === 'read' ? (lines?.count ?? 0) : null, 'events', 'kernel-log: possible SYN flooding');
}
