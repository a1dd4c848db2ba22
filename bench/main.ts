import { onceSignalled } from '@nexus/platform/service';
import { type BenchOptions, readCommandLine } from './command-line.js';
import { quick, thorough } from './effort.js';
import { type Machine } from './report/machine.js';
import { machineLine, tableText } from './report/tables.js';
import { run } from './run.js';
import { type Section, type Table } from './sections/section.js';
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

async function bench({ json, only, quick: isQuick }: BenchOptions): Promise<void> {
  const startedAt = performance.now();
  const effort = isQuick ? quick : thorough;
  const report: { machine?: Machine; tables: ({ section: string } & Table)[] } = { tables: [] };
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
      report.machine = machine;
      if (!json) print(machineLine(machine));
    },
    onTable: (section, table) => {
      report.tables.push({ section: section.name, ...table });
      if (!json) print(`\n${heading(section)}${tableText(table)}`);
    },
  });
  const tookS = secondsSince(startedAt);
  if (json) print(JSON.stringify({ quick: isQuick, tookS, ...report }));
  else print(`\n${tookS} s; medians of ${effort.rounds} rounds, times over all calls; ${reading}`);
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
