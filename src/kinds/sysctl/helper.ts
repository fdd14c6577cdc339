/** The helper that hosts are set up with, and how its answers are read. */
import { ALLOWED, type Bounds } from '#domain/allowed-sysctls.ts';
import { rootProgram } from '../root-program.ts';

export const HELPER_PATH = '/usr/local/sbin/tcp-oncall-helper';

const SCRIPT = rootProgram('src/kinds/sysctl/helper.sh', 'sysctl');
/** Of the helper that host-setup installs today. Version 1 did not know its own. */
export const HELPER_VERSION = Number(/^VERSION=(\d+)$/m.exec(SCRIPT)?.[1]);

/** POSIX sh, with our table of sysctls in it. */
export function changeHelper(): string {
  const table = [...ALLOWED].map(([key, bounds]) => `${key} ${boundsText(bounds)}`).join('\n');
  return SCRIPT.replace('@ALLOWED@', table);
}

function boundsText(bounds: Bounds): string {
  switch (bounds.shape) {
    case 'ports':
      return 'ports';
    case 'range':
      return ['range', ...bounds.first, ...bounds.last].join(' ');
    case 'integer':
      return ['integer', bounds.min, bounds.max, bounds.only, bounds.limitsFrom]
        .filter((word) => word !== undefined)
        .join(' ');
  }
}
