import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onceSignalled } from '@nexus/platform/service';
import { type BenchOptions, readCommandLine } from './command-line.js';
import { quick, thorough } from './effort.js';
import { chartOf } from './report/chart.js';
import { goalsOf } from './report/goals.js';
import { type Machine, machineLine } from './report/machine.js';
import { markdownOf, withResults } from './report/markdown.js';
import { type Report, type SectionTable } from './report/report.js';
import { goalsText, tableText } from './report/tables.js';
import { run } from './run.js';
import { type Section } from './sections/section.js';
import { sections } from './sections/sections.js';

class Interrupted extends Error {}

const reading = 'a ratio is against the first line, within a round. Other machines share the ratios only.';
const shown = new Set<Section>();

try {
  await bench(readCommandLine(process.argv));
  // A pipe takes so much at once; the rest would be lost with the process.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(0);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof Interrupted ? 130 : 1);
}

async function bench({ json, markdown, out, document, only, quick: isQuick }: BenchOptions): Promise<void> {
  const startedAt = performance.now();
  const began = new Date().toISOString();
  const effort = isQuick ? quick : thorough;
  const tables: SectionTable[] = [];
  const machines: Machine[] = [];
  const asText = !json && !markdown;
  const givenUp = onceSignalled().then((signal): never => {
    throw new Interrupted(`${signal}: given up`);
  });
  // Nobody may be waiting for it yet when it happens.
  givenUp.catch(() => undefined);
  await run({
    sections: only ? sections.filter(({ name }) => only.includes(name)) : sections,
    effort,
    progress: (line) => process.stderr.write(`· ${secondsSince(startedAt)} s ${line}\n`),
    givenUp,
    onMachine: (machine) => {
      machines.push(machine);
      if (asText) print(machineLine(machine));
    },
    onTable: (section, table) => {
      tables.push({ section: section.name, ...table });
      if (asText) print(`\n${heading(section)}${tableText(table)}`);
    },
  });
  const tookS = secondsSince(startedAt);
  const report: Report = { startedAt: began, quick: isQuick, tookS, machine: machines[0]!, tables };
  if (json) print(JSON.stringify({ ...report, goals: goalsOf(report) }));
  else if (markdown) print(markdownOf(report));
  else
    print(
      `${goalsText(goalsOf(report))}\n${tookS} s; medians of the rounds, times over all calls; ${reading}`,
    );
  if (out !== undefined) await writeResults(out, report);
  if (document !== undefined) {
    await writeFile(document, withResults(await readFile(document, 'utf8'), report));
  }
}

/** The same for programs and for the eye. */
async function writeResults(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = JSON.stringify({ ...report, goals: goalsOf(report) }, null, 2);
  await writeFile(join(folder, 'results.json'), `${json}\n`);
  await writeFile(join(folder, 'results.svg'), chartOf(report));
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1_000);
}

/** The summary of a section, above its first table. */
function heading(section: Section): string {
  if (shown.has(section)) return '';
  shown.add(section);
  return `── ${section.name}: ${section.summary}\n\n`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
