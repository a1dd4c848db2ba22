import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync, type Options } from '@swc/core';
import { type Mutant } from './mutant.js';

interface Site {
  /** Of the checkout. */
  readonly root: string;
  /** What a mutated build consists of: the cores that are simulated, and what they import. */
  readonly folders: readonly string[];
  /** An empty folder. */
  readonly target: string;
}

/** How often a text stands in another. */
export const occurrences = (text: string, find: string): number => text.split(find).length - 1;

/** @throws Error when the text is not in the file exactly once: the mutant is to follow the code */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const count = occurrences(source, find);
  if (count !== 1)
    throw new Error(
      `"${name}" finds its text ${count} times in ${file}: bring the mutant in step with the code`,
    );
  return source.replace(find, () => replace);
}

/** Compiles the cores with the mistake in them; with none for null. */
export function plant(mutant: Mutant | null, { root, folders, target }: Site): void {
  const settings = swcOptions(root);
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
      const file = `${folder}/${name}`;
      const source = readFileSync(join(root, file), 'utf8');
      const planted = mutant !== null && file === mutant.file ? mutate(source, mutant) : source;
      const { code } = transformSync(planted, { ...settings, filename: join(root, file) });
      const output = join(target, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(output, code);
    }
  }
}

/** As the build has them; the aliases become paths within the target, whose folders are those of the checkout. */
function swcOptions(root: string): Options {
  const { jsc, ...rest } = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as Options;
  return { ...rest, jsc: { ...jsc, baseUrl: root }, swcrc: false, sourceMaps: 'inline' };
}
