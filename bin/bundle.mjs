// Bundles the program and what it depends on: a few files are read in half the time that a thousand take. Rules and
// fixes stay files of their own, since the program finds them by their folders.
import { existsSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';

const each = (folder, file) => readdirSync(folder).map((name) => `${folder}/${name}/${file}`);

// What packages written for require() expect to find; each file has its own.
const REQUIRE = `import { createRequire as requireFrom } from 'node:module';
import { fileURLToPath as toPath } from 'node:url';
const require = requireFrom(import.meta.url), __filename = toPath(import.meta.url), __dirname = toPath(new URL('.', import.meta.url));`;

await build({
  entryPoints: [
    'src/main.ts',
    'src/serve/judge-thread.ts',
    ...each('runbooks', 'rule.ts'),
    ...each('src/fixes', 'fix.ts'),
  ].filter(existsSync),
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'src/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: [
    // Faster ways to do what ssh2 does, compiled where they are installed: it goes without.
    '*.node',
    'cpu-features',
    // Read only where traces are wanted, and not written to be bundled.
    '@opentelemetry/*',
    'bullmq-otel',
  ],
  banner: { js: REQUIRE },
  logLevel: 'warning',
});
