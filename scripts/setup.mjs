// Prepares a checkout: packages, build, server programs. Does nothing where nothing is missing.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { main } from './lib/project.mjs';
import { ensureServers } from './lib/servers.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await ensureServers();
}, 'prepares the checkout: packages, build, server programs');
