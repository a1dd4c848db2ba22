import { mkdirSync } from 'node:fs';
import { inRoot } from './project.mjs';
import { run } from './run.mjs';

const taskTimeoutMs = 300_000;
const parallelMax = 2;

export const tidyResults = inRoot('.nexus', 'results', 'tidy.json');

/** How Jest runs here: its modules are ES modules, which Node offers to it behind a flag. */
export const jestArguments = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  inRoot('node_modules/jest/bin/jest.js'),
];

/** The longest first, so that two lanes end at about the same time. */
const tasks = [
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '.'] },
  { name: 'types', args: ['node_modules/ts7/bin/tsc', '-p', '.', '--noEmit'] },
  {
    name: 'dependencies',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'examples', 'bench', 'trials'],
    ],
  },
  {
    name: 'format',
    args: [
      'node_modules/prettier/bin/prettier.cjs',
      ...['--check', '--log-level', 'warn', '--cache', '--cache-location', '.nexus/results/prettier', '.'],
    ],
  },
  {
    name: 'tidy',
    args: [...jestArguments, '--selectProjects', 'tidy', '--json', '--outputFile', tidyResults],
  },
];

/**
 * Runs everything that needs no servers: one line a task as it ends, and the whole output of what failed.
 * @returns {Promise<boolean>} whether all passed
 */
export async function runGate() {
  mkdirSync(inRoot('.nexus', 'results'), { recursive: true });
  const waiting = [...tasks];
  const failed = [];
  const lane = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const result = await run(process.execPath, task.args, { timeoutMs: taskTimeoutMs });
      process.stdout.write(`${result.ok ? '✓' : '✗'} ${task.name.padEnd(13)} ${result.seconds} s\n`);
      if (!result.ok) failed.push({ name: task.name, output: result.output });
    }
  };
  await Promise.all(Array.from({ length: parallelMax }, lane));
  for (const { name, output } of failed) process.stdout.write(`\n── ${name}\n${output.trim()}\n`);
  return failed.length === 0;
}
