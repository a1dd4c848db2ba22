// `npm run sim`: simulates Raft groups under faults, from seeds.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await load('dist/trials/simulation/main.js');
});
