// `npm run bench`: measures on real servers. Never part of the tests.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { inRoot, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await import(inRoot('dist/bench/main.js'));
});
