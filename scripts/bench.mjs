// `npm run bench`: measures on real servers. Never part of the tests.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await load('dist/bench/main.js');
});
