/** Where the files are that the program reads at run time: the checkout, or dist/ with the same folders in it. */
import { fileURLToPath } from 'node:url';

/** Built, all of src/ is in files right in dist/src/. */
const HOME = fileURLToPath(new URL('../', import.meta.url));

/** `path` as in the checkout. */
export function installed(path: string): string {
  return HOME + path;
}
