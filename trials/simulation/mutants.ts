import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { positive } from './command-line.js';
import { type Catch, control, hunt } from './hunt.js';
import { mutants } from './mutants/all-mutants.js';
import { type Mutant } from './mutants/mutant.js';
import { SeedPool } from './seed-pool.js';
import { type SubjectName, subjectNames } from './subjects.js';

interface MutantOptions {
  readonly subject: readonly SubjectName[];
  readonly seeds: number;
  readonly only?: readonly string[];
  readonly json: boolean;
  readonly workers: number;
}

/** As many as the hardest mutant takes. */
const controlSeeds = 105;

/** dist/trials/simulation/mutants.js → the checkout. */
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

try {
  process.exitCode = (await huntAll(readOptions(process.argv))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`sim:mutants: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** @returns whether none survives */
async function huntAll({ subject: subjects, seeds, only, json, workers }: MutantOptions): Promise<boolean> {
  const chosen = subjects.flatMap((subject) => choose(subject, only));
  if (chosen.length === 0) throw new Error('no mutant has such a name');
  const pool = new SeedPool(workers);
  const catches: Catch[] = [];
  const queue = [...chosen];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const caught = await hunt(next.mutant, { subject: next.subject, pool, root, seedsMax: seeds });
      catches.push(caught);
      process.stderr.write(`${catches.length} of ${chosen.length}: ${line(caught)}\n`);
    }
  };
  try {
    for (const subject of new Set(chosen.map((each) => each.subject))) {
      await control({ subject, pool, root, seedsMax: controlSeeds });
      process.stderr.write(`control: ${controlSeeds} seeds of ${subject} without a mistake, 0 violations\n`);
    }
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await pool.close();
  }
  const order = chosen.map(({ mutant }) => mutant);
  catches.sort((a, b) => order.indexOf(a.mutant) - order.indexOf(b.mutant));
  process.stdout.write(`${json ? JSON.stringify(catches) : table(catches)}\n`);
  return catches.every(({ by }) => by !== null);
}

interface Chosen {
  readonly subject: SubjectName;
  readonly mutant: Mutant;
}

function choose(subject: SubjectName, only: readonly string[] | undefined): Chosen[] {
  return mutants[subject]
    .filter(({ name }) => only === undefined || only.some((text) => name.includes(text)))
    .map((mutant) => ({ subject, mutant }));
}

function readOptions(argv: readonly string[]): MutantOptions {
  return new Command('npm run sim:mutants --')
    .description(
      'Plants known mistakes into the cores, one by one, and simulates until a promise is found broken.',
    )
    .addOption(
      new Option('--subject <name...>', 'cores to plant them into')
        .choices(subjectNames)
        .default([...subjectNames]),
    )
    .option('--seeds <count>', 'a mutant that lives through so many seeds survives', positive, 400)
    .option('--only <name...>', 'mutants whose name contains one of these')
    .option('--json', 'print JSON instead of a table', false)
    .option('--workers <count>', 'threads', positive, Math.min(8, availableParallelism()))
    .addHelpText('after', '\nExit code 1: a mutant survived, or its text is no longer in the code.')
    .allowExcessArguments(false)
    .parse([...argv])
    .opts<MutantOptions>();
}

function line({ mutant, by, how, afterSeeds }: Catch): string {
  if (by === null) return `${mutant.name} SURVIVED ${afterSeeds} seeds: ${mutant.why}`;
  return `${mutant.name} → ${how}: ${by}, after ${afterSeeds} ${afterSeeds === 1 ? 'seed' : 'seeds'}`;
}

function table(catches: readonly Catch[]): string {
  const rows = catches.map(
    ({ mutant, by, how, afterSeeds }) =>
      [mutant.name, how ?? 'SURVIVED', by ?? '', String(afterSeeds)] as const,
  );
  const width = (column: 0 | 1 | 2) => Math.max(...rows.map((row) => row[column].length));
  const survivors = catches.filter(({ by }) => by === null);
  const seen = catches.filter(({ how }) => how === 'invariant').length;
  return [
    ...rows.map(
      ([name, how, by, seeds]) =>
        `${name.padEnd(width(0))}  ${how.padEnd(width(1))}  ${by.padEnd(width(2))}  ${seeds.padStart(4)}`,
    ),
    '',
    `${catches.length - survivors.length} of ${catches.length} mutants were caught, ${seen} of them by an invariant`,
    ...survivors.map(({ mutant }) => `survived: ${mutant.name}. ${mutant.why}`),
  ].join('\n');
}
