import { shrinkSeed } from '@nexus/testing';
import { readCommandLine, type SimulationOptions } from './command-line.js';
import { scheduleLines, seedsText, violationText } from './report.js';
import { runSeeds } from './run-seeds.js';
import { loadSimulation } from './subjects.js';

/** Each costs hundreds of runs. */
const shrunkMax = 3;

try {
  const options = readCommandLine(process.argv);
  process.exitCode = (await (options.seed === undefined ? many(options) : one(options, options.seed)))
    ? 0
    : 1;
} catch (error) {
  process.stderr.write(`sim: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** @returns whether every promise was kept */
async function many({ subject, from, seeds, workers, json }: SimulationOptions): Promise<boolean> {
  const startedAt = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAt);
  const report = await runSeeds({ subject, from, seeds, workers, progress: progressOf(seeds, tookMs) });
  const simulation = await loadSimulation(subject, null);
  const violations = report.violations.map((result, at) => ({
    ...result,
    shrunk: at < shrunkMax ? shrinkSeed(simulation, result.seed) : null,
  }));
  if (json)
    print(
      JSON.stringify({
        subject,
        ...report,
        from,
        tookMs: tookMs(),
        violations,
        coverage: report.coverage.toObject(),
      }),
    );
  else {
    print(seedsText(report, tookMs()));
    for (const violation of violations) print(`\n${violationText(subject, violation, violation.shrunk)}`);
  }
  return violations.length === 0;
}

/** @returns whether every promise was kept */
async function one({ subject, steps, trace, json }: SimulationOptions, seed: number): Promise<boolean> {
  const simulation = await loadSimulation(subject, null);
  const result = simulation.run(seed, { keepsLines: trace, ...(steps && { steps }) });
  const shrunk = result.violation && !steps ? shrinkSeed(simulation, seed) : null;
  if (json) print(JSON.stringify({ ...result, shrunk }));
  else {
    const planned = simulation.plan(seed);
    print(
      [
        `seed ${seed}`,
        ...scheduleLines(steps ? planned.filter(({ number }) => steps.includes(number)) : planned),
      ].join('\n'),
    );
    if (trace) print(result.lines.join('\n'));
    print(`${result.events} events, ${result.virtualMs.toFixed(0)} ms, trace ${result.hash}`);
    print(result.violation ? violationText(subject, result, shrunk) : 'no promise was broken');
  }
  return result.violation === null;
}

/** On a terminal one line that changes; else a line each ten percent. */
function progressOf(seeds: number, tookMs: () => number): (done: number, violations: number) => void {
  let shown = 0;
  return (done, violations) => {
    const percent = Math.floor((100 * done) / seeds);
    const { isTTY } = process.stderr;
    if (!isTTY && percent < shown + 10) return;
    shown = percent;
    const text = `${done} of ${seeds} seeds, ${violations} violations, ${(tookMs() / 1_000).toFixed(0)} s`;
    process.stderr.write(isTTY ? `\r${text}${done >= seeds ? '\n' : ''}` : `${text}\n`);
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
