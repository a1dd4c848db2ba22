// `npm run sim:mutants`: plants known mistakes one by one, and shows that the simulation catches each.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await load('dist/trials/simulation/mutants.js');
});
