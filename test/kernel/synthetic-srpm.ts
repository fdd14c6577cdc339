/**
 * Source RPMs that look to a builder like those of the EL family and of Amazon Linux: the same names, releases, build ids
 * and ways to add a patch, over a tree of a few files. What they build compiles one C file against include/net/tcp.h.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Flavour = 'el6' | 'el7' | 'el8' | 'el9' | 'amzn';

export interface Faults {
  /** The line that defines TCP_TIMEWAIT_LEN. */
  readonly define?: string;
  readonly buildRequires?: readonly string[];
  /** %prep or %build ends with an error. */
  readonly fails?: 'prep' | 'build';
  /** The spec names the patch but never applies it. */
  readonly losesPatch?: boolean;
  readonly version?: string;
}

interface Row {
  readonly version: string;
  readonly dist: string;
  /** Before %prep, after Name and Version. `#` is the number of the release. */
  readonly head: string;
  readonly release: string;
  readonly apply: 'patch' | 'git';
  readonly hook: boolean;
  readonly packages: readonly string[];
}

const COMMENTED = '# % define buildid .local\n';

export const FLAVOURS: Readonly<Record<Flavour, Row>> = {
  el6: {
    version: '2.6.32',
    dist: '.el6',
    head: `${COMMENTED}%define distro_build 504.8.1\n`,
    release: '%{distro_build}%{?dist}%{?buildid}',
    apply: 'patch',
    hook: true,
    packages: ['', 'firmware'],
  },
  el7: {
    version: '3.10.0',
    dist: '.el7',
    head: `${COMMENTED}%define specrelease 1160%{?dist}\n`,
    release: '%{specrelease}%{?buildid}',
    apply: 'patch',
    hook: true,
    packages: [''],
  },
  el8: {
    version: '4.18.0',
    dist: '.el8',
    head: '# define buildid .local\n%define specrelease 553%{?dist}\n',
    release: '%{specrelease}%{?buildid}',
    apply: 'patch',
    hook: true,
    packages: ['', 'core', 'modules'],
  },
  el9: {
    version: '5.14.0',
    dist: '.el9_5',
    head: '# define buildid .local\n%define specrelease 503.11.1%{?buildid}%{?dist}\n',
    release: '%{specrelease}',
    apply: 'git',
    hook: true,
    packages: ['', 'core', 'modules', 'modules-core'],
  },
  amzn: {
    version: '6.1.102',
    dist: '.amzn2023',
    head: '%define buildid 108.177\n',
    release: '%{?buildid}%{?dist}',
    apply: 'patch',
    hook: false,
    packages: [''],
  },
};

const KNOWN_DEFINE = '#define TCP_TIMEWAIT_LEN (60*HZ) /* how long to wait to destroy TIME-WAIT';

/** Writes the source RPM into `dir`, which gets rpmbuild's directories; HOME of `env` has the macros. Returns its path. */
export function syntheticSrpm(dir: string, flavour: Flavour, faults: Faults, env: NodeJS.ProcessEnv): string {
  const row = FLAVOURS[flavour];
  const version = faults.version ?? row.version;
  const tree = join(dir, `linux-${version}`);
  for (const path of [join(tree, 'include/net'), join(dir, 'SOURCES'), join(dir, 'SPECS')])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(tree, 'include/net/tcp.h'), header(faults.define ?? KNOWN_DEFINE));
  writeFileSync(
    join(tree, 'probe.c'),
    '#define HZ 1000\n#include "include/net/tcp.h"\nint length = TCP_TIMEWAIT_LEN;\n',
  );
  writeFileSync(join(dir, 'SOURCES/linux-kernel-test.patch'), '');
  writeFileSync(join(dir, 'SOURCES/0001-one-of-the-distribution.patch'), DISTRIBUTION_PATCH);
  writeFileSync(join(dir, 'SPECS/kernel.spec'), spec(row, { ...faults, version }));
  const run = (program: string, ...argv: string[]) => execFileSync(program, argv, { cwd: dir, env, stdio: 'pipe' });
  run('tar', '-czf', `SOURCES/linux-${version}.tar.gz`, `linux-${version}`);
  run('rpmbuild', '-bs', '--define', `_topdir ${dir}`, 'SPECS/kernel.spec');
  const [name = ''] = readdirSync(join(dir, 'SRPMS'));
  return join(dir, 'SRPMS', name);
}

/** As long as the context of a patch, before and after. */
function header(define: string): string {
  const some = (from: number) =>
    Array.from({ length: 12 }, (_, n) => `#define TCP_OTHER_${from + n} ${from + n}\n`).join('');
  return `#ifndef _TCP_H\n#define _TCP_H\n${some(10)}\n${define}\n\t\t\t\t  * state, about 60 seconds\t*/\n#define TCP_FIN_TIMEOUT\tTCP_TIMEWAIT_LEN\n${some(30)}#endif\n`;
}

const DISTRIBUTION_PATCH = `--- a/probe.c
+++ b/probe.c
@@ -1,3 +1,4 @@
 #define HZ 1000
 #include "include/net/tcp.h"
 int length = TCP_TIMEWAIT_LEN;
+int vendor = 1;
`;

function spec(row: Row, faults: Faults & { readonly version: string }): string {
  return [
    row.head,
    `Name: kernel\nSummary: A kernel that is none\nLicense: GPLv2\nVersion: ${faults.version}\nRelease: ${row.release}\n`,
    '%define KVERREL %{version}-%{release}.%{_target_cpu}\n%global debug_package %{nil}\n',
    ...(faults.buildRequires ?? []).map((name) => `BuildRequires: ${name}\n`),
    'Source0: linux-%{version}.tar.gz\nPatch1: 0001-one-of-the-distribution.patch\n',
    row.hook ? 'Patch999999: linux-kernel-test.patch\n' : '',
    '%description\nNone.\n',
    `%files\n/boot\n${row.packages.includes('core') ? '' : '/lib/modules'}\n`,
    ...[...row.packages.filter((name) => name !== ''), 'devel', 'headers', 'debug'].map(subPackage),
    prep(row, faults),
    build(faults),
  ].join('\n');
}

function subPackage(name: string): string {
  return `%package ${name}
Summary: Of it
%description ${name}
None.
${files(name)}`;
}

function files(name: string): string {
  if (name === 'debug') return '%if 0%{!?_without_debug:1}\n%files debug\n/boot\n%endif\n';
  if (name === 'firmware') return '%if 0%{?_with_firmware:1}\n%files firmware\n/lib/modules\n%endif\n';
  if (name === 'devel' || name === 'headers') return `%files ${name}\n/usr/src/kernels\n`;
  return `%files ${name}\n/lib/modules\n`;
}

/** A spec keeps the vanilla tree beside the one that it patches, and passes over optional patches of nine lines or fewer. */
function prep(row: Row, faults: Faults): string {
  const apply = row.apply === 'git' ? 'git apply "$RPM_SOURCE_DIR/$1"' : 'patch -p1 -F1 -s <"$RPM_SOURCE_DIR/$1"';
  return `%prep
ApplyPatch() {
  ${apply}
}
ApplyOptionalPatch() {
  if [ $(wc -l <"$RPM_SOURCE_DIR/$1") -gt 9 ]; then ${faults.losesPatch ? ':' : 'ApplyPatch "$1"'}; fi
}
%setup -q -c -n kernel-%{version}-%{release}
mv linux-%{version} vanilla-%{version}
cp -a vanilla-%{version} linux-%{KVERREL}
cd linux-%{KVERREL}
${row.apply === 'git' ? 'git init -q' : ''}
ApplyPatch 0001-one-of-the-distribution.patch
${row.hook ? 'ApplyOptionalPatch linux-kernel-test.patch' : ''}
${faults.fails === 'prep' ? 'false' : ''}
`;
}

function build(faults: Faults): string {
  return `%build
cd linux-%{KVERREL}
gcc -c -o vmlinux probe.c
${faults.fails === 'build' ? 'echo "net/ipv4/tcp.c:1:1: error: the compiler gives up" >&2; false' : ''}

%install
cd linux-%{KVERREL}
mkdir -p $RPM_BUILD_ROOT/boot $RPM_BUILD_ROOT/lib/modules/%{KVERREL} $RPM_BUILD_ROOT/usr/src/kernels/%{KVERREL}
cp vmlinux $RPM_BUILD_ROOT/boot/vmlinuz-%{KVERREL}
echo CONFIG_HZ=1000 >$RPM_BUILD_ROOT/boot/config-%{KVERREL}
cp vmlinux $RPM_BUILD_ROOT/lib/modules/%{KVERREL}/kernel.ko
cp -a include $RPM_BUILD_ROOT/usr/src/kernels/%{KVERREL}/
`;
}
