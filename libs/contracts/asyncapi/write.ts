import { writeFileSync } from 'node:fs';
import { renderAsyncapi } from './document.js';

/** Tool entry: writes the document into the working directory's `docs/`. */
writeFileSync('docs/asyncapi.json', renderAsyncapi());
