// `npm test`: prepares the checkout, passes the gate, then runs every test. Further arguments go to Jest.
import { readFileSync, rmSync } from 'node:fs';
import { ensureBuild } from './lib/build.mjs';
import { jestArguments, runGate, tidyResults } from './lib/gate.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { inRoot, main } from './lib/project.mjs';
import { runVisibly, secondsSince } from './lib/run.mjs';
import { ensureServers } from './lib/servers.mjs';

/** A run beside other work takes more than twice as long as one alone. */
const testsTimeoutMs = 1_440_000;
/** For two cores: many tests wait for elections and processes, and leave their core to another one meanwhile. */
const workersMax = 6;
const results = inRoot('.nexus', 'results', 'tests.json');

await main(async () => {
  const startedAt = performance.now();
  rmSync(tidyResults, { force: true });
  rmSync(results, { force: true });
  await ensurePackages();
  await ensureBuild();
  await ensureServers();

  const gatePassed = await runGate();
  const code = await runVisibly(
    process.execPath,
    [
      ...jestArguments,
      ...['--selectProjects', 'unit', 'integration', 'e2e', '--maxWorkers', String(workersMax)],
      ...['--json', '--outputFile', results, ...process.argv.slice(2)],
    ],
    { timeoutMs: testsTimeoutMs },
  );

  const counts = [tidyResults, results].map(countsOf);
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  const gate = gatePassed ? 'passed' : 'FAILED';
  process.stdout.write(
    `\ngate ${gate}, tests ${code === 0 ? 'passed' : 'FAILED'}, ${secondsSince(startedAt)} s\n`,
  );
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (!gatePassed || code !== 0 || failed > 0) process.exitCode = 1;
});

/** A file of tests that could not even be loaded counts as one failure, as does a run that left no results. */
function countsOf(path) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(path, 'utf8'),
    );
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
