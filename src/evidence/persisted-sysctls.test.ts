import { describe, expect, it } from 'vitest';
import { parsePersistedSysctls } from './persisted-sysctls.ts';

const KEY = 'net.core.somaxconn';
const FILES = ['file /etc/sysctl.d/99-zz.conf', 'file /usr/lib/sysctl.d/50-a.conf', 'file /etc/sysctl.conf'];
const SET = [
  'set /etc/sysctl.d/99-zz.conf:1:net.core.somaxconn = 31',
  'set /usr/lib/sysctl.d/50-a.conf:2:net/core/somaxconn=30',
  'set /etc/sysctl.conf:3: net.core.somaxconn  =  32',
];

function winners(order: string, lines: readonly string[] = [...FILES, ...SET]) {
  const reading = parsePersistedSysctls([`order ${order}`, ...lines].join('\n'));
  if (reading.kind !== 'read') throw new Error(reading.reason.what);
  const key = reading.value.keys.find((candidate) => candidate.key === KEY);
  return { boot: key?.boot?.value, system: key?.system?.value };
}

describe('persistedSysctls', () => {
  it('systemd sorts by name and does not read /etc/sysctl.conf; sysctl --system reads it last', () => {
    expect(winners('systemd')).toEqual({ boot: '31', system: '32' });
  });

  it('a link in sysctl.d brings /etc/sysctl.conf in under its own name', () => {
    const link = [
      'file /etc/sysctl.d/99-sysctl.conf /etc/sysctl.conf',
      'set /etc/sysctl.d/99-sysctl.conf:3:net.core.somaxconn=32',
    ];
    expect(winners('systemd', [...FILES.slice(1), ...SET.slice(1), ...link])).toEqual({ boot: '32', system: '32' });
    expect(winners('systemd', [...FILES, ...SET, ...link])).toEqual({ boot: '31', system: '32' });
  });

  it('EL6 reads /etc/sysctl.conf first, OpenRC last', () => {
    expect(winners('el6').boot).toBe('31');
    expect(winners('openrc').boot).toBe('32');
    // Neither has `sysctl --system`, so nothing can contradict the boot.
    expect(winners('el6').system).toBe('31');
  });

  it('a file in /etc masks one of the same name elsewhere', () => {
    const masked = ['file /etc/sysctl.d/50-a.conf /dev/null', 'file /usr/lib/sysctl.d/50-a.conf', SET[1] ?? ''];
    expect(winners('systemd', masked)).toEqual({ boot: undefined, system: undefined });
  });

  it('keeps tuned apart and names files it could not read', () => {
    const reading = parsePersistedSysctls(
      'order systemd\nunreadable /etc/sysctl.d/x.conf\ntuned throughput\ntuned-set /usr/lib/tuned/a/tuned.conf:4:net.core.somaxconn = >2048\n',
    );
    expect(reading).toMatchObject({
      value: {
        tuned: { profile: 'throughput', values: [{ key: KEY, value: '>2048', line: 4 }] },
        unreadableFiles: ['/etc/sysctl.d/x.conf'],
      },
    });
  });
});
