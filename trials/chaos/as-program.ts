import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onceSignalled } from '@nexus/platform/service';

/** What a command line says of every trial. */
export interface ProgramOptions {
  /** Print the report as JSON. */
  readonly json: boolean;
  /** Also write it to this file. */
  readonly report: string | null;
  /** Keep logs and data though all is well. */
  readonly keep: boolean;
}

export interface Surroundings {
  /** For logs and data. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Aborted when somebody wants the trial to end. */
  readonly signal: AbortSignal;
}

export interface Program<R> {
  /** Leaves no process behind, whatever happens. */
  readonly run: (surroundings: Surroundings) => Promise<R>;
  /** The report for people. */
  readonly textOf: (report: R) => string;
}

class Interrupted extends Error {}

/** Runs a trial, tells what came of it and ends the process: 0 when all is well, 1 when not, 130 when interrupted. */
export async function asProgram<R extends { readonly isGood: boolean }>(
  options: ProgramOptions,
  program: Program<R>,
): Promise<never> {
  try {
    const isGood = await play(options, program);
    // A pipe takes so much at once; the rest would be lost with the process.
    await new Promise((resolve) => process.stdout.write('', resolve));
    process.exit(isGood ? 0 : 1);
  } catch (error) {
    process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof Interrupted ? 130 : 1);
  }
}

/** Whether all is well. */
async function play<R extends { readonly isGood: boolean }>(
  { json, report: path, keep }: ProgramOptions,
  { run, textOf }: Program<R>,
): Promise<boolean> {
  const startedAtMs = performance.now();
  const say = (line: string) => {
    process.stderr.write(`· ${Math.round((performance.now() - startedAtMs) / 1_000)} s ${line}\n`);
  };
  const folder = await mkdtemp(join(tmpdir(), 'nexus-chaos-'));
  const interruption = new AbortController();
  void onceSignalled().then((signal) => interruption.abort(new Interrupted(`${signal}: given up`)));
  let isKept = keep;
  try {
    const report = await run({ folder, say, signal: interruption.signal });
    isKept ||= !report.isGood;
    const asJson = `${JSON.stringify(report, null, 2)}\n`;
    if (path !== null) await writeFile(path, asJson);
    process.stdout.write(json ? asJson : `\n${textOf(report)}\n`);
    return report.isGood;
  } catch (error) {
    // A wait that was cut short rejects with an error of its own.
    interruption.signal.throwIfAborted();
    isKept = true;
    throw error;
  } finally {
    if (isKept) say(`logs and data are in ${folder}`);
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
