import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAcceptQueues } from './accept-queues.ts';
import { parseListeners } from './listeners.ts';

const sample = (name: string) => readFileSync(new URL(`samples/${name}`, import.meta.url), 'utf8');

describe('listeners', () => {
  it.each(['5.9', '6.1', '6.15'])('reads ss -ltn of iproute2 %s', (version) => {
    expect(parseListeners(`via ss\n${sample(`ss-${version}/ltn.txt`)}omitted 0\n`)).toMatchObject({
      value: {
        listeners: [
          { address: '*', port: 8000, waiting: 6, cap: 5 },
          { address: '127.0.0.1', port: 9000, waiting: 0, cap: 128 },
          { address: '::1', port: 9001, waiting: 0, cap: 50 },
          { address: '*', port: 8080, waiting: 0, cap: 511 },
        ],
      },
    });
  });

  it('reads the wildcard of old ss', () => {
    expect(
      parseListeners(
        'via ss\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\nLISTEN 0 128 :::22 :::*\nomitted 0',
      ),
    ).toMatchObject({
      value: { listeners: [{ address: '*', port: 22, cap: 128 }] },
    });
  });

  it('does not take the 0 that ss prints without tcp_diag for a cap', () => {
    expect(parseListeners('via ss\nLISTEN 0 0 0.0.0.0:22 0.0.0.0:*\nomitted 0')).toMatchObject({
      value: { listeners: [{ cap: null }] },
    });
  });

  it('reads /proc/net/tcp, where the cap is not shown', () => {
    const rows = sample('proc-net/tcp')
      .split('\n')
      .filter((line) => / 0A /.test(line));
    expect(parseListeners(['via proc x86_64', ...rows, 'omitted 0'].join('\n'))).toMatchObject({
      value: {
        listeners: [
          { address: '*', port: 8000, waiting: 6, cap: null },
          { address: '127.0.0.1', port: 9000, waiting: 0 },
        ],
      },
    });
  });

  it('tells nothing listening, when ss prints its head, from an ss that says nothing', () => {
    const head = 'Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n';
    expect(parseListeners(`via ss\n${head}omitted 0`)).toMatchObject({ value: { listeners: [] } });
    expect(parseListeners('via ss\n\nomitted 0')).toMatchObject({ kind: 'garbled' });
  });

  it('is garbled by a format nobody knows', () => {
    expect(parseListeners('via ss\ntcp|LISTEN|0|128|*:22\nomitted 0')).toMatchObject({
      kind: 'garbled',
      reason: { what: 'line 2: tcp|LISTEN|0|128|*:22' },
    });
  });
});

describe('acceptQueues', () => {
  it('puts what was seen at its look, and 0 between', () => {
    expect(parseAcceptQueues('via ss\nlooks 5\nqueue 5 0.0.0.0:80 0:6 3:2\n')).toMatchObject({
      value: { looks: 5, queues: [{ address: '*', port: 80, cap: 5, waiting: [6, 0, 0, 2, 0] }] },
    });
  });

  it('reads hexadecimal addresses of /proc', () => {
    expect(parseAcceptQueues('via proc x86_64\nlooks 1\nqueue - 0100007F:1F90 0:3\n')).toMatchObject({
      value: { queues: [{ address: '127.0.0.1', port: 8080, cap: null, waiting: [3] }] },
    });
  });
});
