// `npm run check`: the gate that needs no servers.
import { runGate } from './lib/gate.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  await ensurePackages();
  if (!(await runGate())) process.exitCode = 1;
}, 'checks types, lint, format, dependencies and tidiness, without servers');
