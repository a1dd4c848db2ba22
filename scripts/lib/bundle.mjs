import { sep } from 'node:path';
import { inRoot } from './project.mjs';

/** Programs that are started often: one file starts two to three times as fast as 1,500. */
const programs = [
  ...['consensus', 'coordinator', 'gossip', 'intelligence', 'routing', 'standalone', 'cli'].map(
    (app) => `apps/${app}/src/main`,
  ),
  'apps/intelligence/src/training/worker/main',
  'examples/fleet/agent',
];

/** Native code stays where it was installed. */
const native = ['lmdb', 'msgpackr-extract'];

/** Packages are CommonJS for the most part, and a module has no `require`. */
const banner =
  "import { createRequire as requireOfBundle } from 'node:module';\n" +
  'const require = requireOfBundle(import.meta.url);';

/** Puts in the place of each compiled program one file with all that it imports. */
export async function bundlePrograms() {
  const { build } = await import('esbuild');
  await build({
    entryPoints: programs.map((program) => inRoot('dist', `${program}.js`)),
    outdir: inRoot('dist'),
    outbase: inRoot('dist'),
    allowOverwrite: true,
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    sourcemap: true,
    sourcesContent: false,
    external: native,
    banner: { js: banner },
    plugins: [absentPackages],
    logLevel: 'silent',
  });
}

/** What packages import if it is there, and is not: they find out for themselves. */
const absentPackages = {
  name: 'absent packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, importer, ...args }) => {
      if (pluginData === absentPackages || !importer.includes(`${sep}node_modules${sep}`)) return undefined;
      const found = await build.resolve(path, { ...args, importer, pluginData: absentPackages });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};
