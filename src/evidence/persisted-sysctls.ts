/** Sysctl values set in files, and which file wins: at boot (systemd-sysctl, or the distribution's init) and with `sysctl --system`. */

export interface PersistedValue {
  readonly key: string;
  /** Blanks between numbers are one space. */
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface PersistedKey {
  readonly key: string;
  /** What the next boot sets, and the file that says so. */
  readonly boot: PersistedValue;
  /** What `sysctl --system` would set. */
  readonly system: PersistedValue;
  /** Every other assignment of the key, in the order they are applied. */
  readonly shadowed: readonly PersistedValue[];
}

export interface PersistedSysctls {
  readonly keys: readonly PersistedKey[];
  /** The active tuned profile; null = tuned not found. Its sysctl values are applied after boot over the files. */
  readonly tuned: { readonly profile: string; readonly values: readonly PersistedValue[] } | null;
  readonly unreadableFiles: readonly string[];
}
