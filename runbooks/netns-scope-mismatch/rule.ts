import { defineDiagnosis } from '#diagnosis/diagnosis.ts';
import { fact, flag, named, rows, setting } from '#domain/fact.ts';
import { absent, unreadable } from '#domain/reading.ts';
import { found, ruledOut, undecided } from '#domain/verdict.ts';
import type { Processes } from '#evidence/processes.ts';

type Namespace = Processes['otherNamespaces'][number];

export const diagnosis = defineDiagnosis({
  id: 'netns-scope-mismatch',
  area: 'configuration',
  needs: ['host', 'processes'],

  judge({ now: { host, processes } }) {
    // Before Linux 3.0 there is no /proc/PID/ns/net to compare.
    if (host.netns === null) return undecided(absent('/proc/self/ns/net'));
    const serving = processes.otherNamespaces.filter(({ listeningPorts }) => listeningPorts.length > 0);
    const facts = namespaceFacts(host.netns, serving, processes.otherNamespaces.length);
    if (serving.length > 0) return found('warn', facts);
    // The link of a process of another user can be read by root only.
    if (processes.seen === 'own') return undecided(unreadable('no-permission', '/proc/PID/ns/net'));
    return ruledOut(facts);
  },
});

function namespaceFacts(own: string, serving: readonly Namespace[], others: number) {
  const [first] = serving;
  return {
    own: named(own, 'host: /proc/self/ns/net'),
    namespaces: fact(serving.length, 'entries', 'processes: other namespaces with a TCP listener'),
    others: fact(others - serving.length || null, 'entries', 'processes: other namespaces without a TCP listener'),
    several: flag(serving.length > 1, 'namespaces > 1'),
    process: named(first?.name ?? null, 'processes'),
    pid: setting(first?.pid ?? null, 'processes'),
    ports: named(first?.listeningPorts.join(', ') ?? null, 'processes: /proc/PID/net/tcp'),
    list: rows(serving.map(namespaceRow), 'processes: /proc/PID/ns/net of processes other than the check'),
  };
}

function namespaceRow({ netns, pid, name, listeningPorts }: Namespace) {
  return {
    netns: named(netns, 'processes: /proc/PID/ns/net'),
    pid: setting(pid, 'processes'),
    process: named(name, 'processes'),
    ports: named(listeningPorts.join(', '), 'processes: /proc/PID/net/tcp'),
  };
}
