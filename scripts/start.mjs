// `npm start`: the embedded default in this very process, with the showcase, after preparing what is missing.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { inRoot, load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  const entry = 'dist/apps/standalone/src/main.js';
  process.argv = [process.execPath, inRoot(entry), '--showcase', ...process.argv.slice(2)];
  await load(entry);
});
