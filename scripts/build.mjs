// `npm run build`: compiles everything, then bundles the programs.
import { rebuild } from './lib/build.mjs';
import { main } from './lib/project.mjs';

await main(rebuild, 'builds everything below dist/');
