// `npm run docs:config`: writes the page of all variables from the fields by which they are read.
import { writeFileSync } from 'node:fs';
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { inRoot, load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  const { configDocument } = await load('dist/apps/standalone/src/config-document.js');
  writeFileSync(inRoot('docs/CONFIGURATION.md'), configDocument());
}, 'writes docs/CONFIGURATION.md from the fields by which programs read their variables');
