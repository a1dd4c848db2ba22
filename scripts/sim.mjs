// `npm run sim`: simulates Raft groups, gossip and causal delivery under faults, from seeds.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  const isFigures = process.argv[2] === 'figures';
  if (isFigures) process.argv.splice(2, 1);
  await load(`dist/trials/simulation/${isFigures ? 'figures-main' : 'main'}.js`);
});
