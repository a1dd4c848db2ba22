import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onceSignalled } from '@nexus/platform/service';
import { type ChaosOptions, readCommandLine, type ScenarioName } from './command-line.js';
import { type Report } from './report/report.js';
import { reportText } from './report/report-text.js';
import { pausedHolder } from './scenarios/paused-holder.js';
import { pausedLeader } from './scenarios/paused-leader.js';
import { type Scenario } from './scenarios/scenario.js';
import { runTrial } from './trial.js';

class Interrupted extends Error {}

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  'paused-leader': pausedLeader,
  'paused-holder': pausedHolder,
};
const startedAtMs = performance.now();

try {
  const isGood = await chaos(readCommandLine(process.argv));
  // A pipe takes so much at once; the rest would be lost with the process.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(isGood ? 0 : 1);
} catch (error) {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof Interrupted ? 130 : 1);
}

/** Runs the trial and tells what came of it; whether all is well. */
async function chaos({ scenario, json, report: path, keep, ...options }: ChaosOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-chaos-'));
  const interruption = new AbortController();
  void onceSignalled().then((signal) => interruption.abort(new Interrupted(`${signal}: given up`)));
  let isKept = keep;
  try {
    const played = scenario === null ? null : scenarios[scenario];
    const report = await runTrial({ ...options, scenario: played, folder, say, signal: interruption.signal });
    isKept ||= !report.isGood;
    if (path !== null) await writeFile(path, jsonOf(report));
    process.stdout.write(json ? jsonOf(report) : `\n${reportText(report)}\n`);
    return report.isGood;
  } catch (error) {
    // A wait that was cut short rejects with an error of its own.
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    if (isKept) say(`logs and data are in ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function jsonOf(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

function say(line: string): void {
  process.stderr.write(`· ${Math.round((performance.now() - startedAtMs) / 1_000)} s ${line}\n`);
}
