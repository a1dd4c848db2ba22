import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The absolute path of a file of this repository. */
export const pathFromRoot = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const readSource = (path: string): string => readFileSync(pathFromRoot(path), 'utf8');

/** A file of JSON that this repository keeps. */
export const readJson = (path: string): unknown => JSON.parse(readSource(path));

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every file that is tracked, or new and not ignored: what a commit could contain. */
export function sourcePaths(): string[] {
  const root = pathFromRoot('');
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(pathFromRoot(path)));
}

export const isSpec = (path: string): boolean => path.endsWith('.spec.ts');

/** Not shipped: it may do what production code must not. */
export const isTest = (path: string): boolean =>
  isSpec(path) || /^(test|libs\/testing)\/|\/testdata\//.test(path);

export const typescriptFiles = (): SourceFile[] =>
  sourcePaths()
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readSource(path) }));
