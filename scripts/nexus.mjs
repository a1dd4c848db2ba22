#!/usr/bin/env node
// The `nexus` command in a checkout: prepares what is missing, then runs the built command line.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { inRoot, load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  const entry = 'dist/apps/cli/src/main.js';
  process.argv[1] = inRoot(entry);
  await load(entry);
});
