/** One text for one value, whatever order its fields were made in: what is hashed must not depend on that. */

export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const record = value as Readonly<Record<string, unknown>>;
  // Appended to one text: a trail of years is hashed again whenever somebody asks whether it was touched.
  let fields = '';
  for (const name of Object.keys(record).sort()) {
    const field = record[name];
    if (field !== undefined) fields += `${fields === '' ? '' : ','}${JSON.stringify(name)}:${canonical(field)}`;
  }
  return `{${fields}}`;
}
