// `npm run docs:api`: writes the AsyncAPI document that the schemas of the contract describe.
import { ensureBuild } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { load, main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  await ensureBuild();
  await load('dist/libs/contracts/asyncapi/write.js');
}, 'writes docs/asyncapi.json from the schemas of the contract');
