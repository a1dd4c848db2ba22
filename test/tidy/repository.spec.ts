import { spawnSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { configDocument } from '../../apps/standalone/src/config-document.js';
import { renderAsyncapi } from '../../libs/contracts/asyncapi/document.js';
import { pathFromRoot, readJson, readSource, sourcePaths } from './source-tree.js';

interface PackageFile {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}
interface TsConfig {
  readonly compilerOptions: { readonly paths: Record<string, string[]> };
}
interface NestCli {
  readonly projects: Record<string, { root: string; compilerOptions: { tsConfigPath: string } }>;
}

const paths = sourcePaths();
const packageFile = readJson('package.json') as PackageFile;
const tsconfig = readJson('tsconfig.json') as TsConfig;
const code = paths.filter((path) => /\.(ts|mjs|cjs|js)$/.test(path));
/** What we name ourselves; documents that readers look for by convention are in capitals. */
const ours = paths.filter(
  (path) => /^(apps|libs|examples|bench|trials|test|scripts|infra)\//.test(path) && !/[A-Z]+\.md$/.test(path),
);

describe('names', () => {
  it('of files and folders are kebab-case', () => {
    const wrong = ours.filter((path) =>
      path.split('/').some((part) => !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part)),
    );
    expect(wrong.map((path) => `${path}:1 — rename it in kebab-case`)).toEqual([]);
  });

  it('say what a file is for, not that it is for everything', () => {
    const vague = /(^|[-./])(common|shared|utils?|helpers?|managers?|misc)([-./]|$)/;
    const wrong = ours.filter((path) => vague.test(path));
    expect(wrong.map((path) => `${path}:1 — name it after the one thing that it does`)).toEqual([]);
  });
});

describe('nest-cli.json', () => {
  it('lists every folder that has a tsconfig of its own', () => {
    const { projects } = readJson('nest-cli.json') as NestCli;
    const listed = Object.values(projects).map(({ compilerOptions }) => compilerOptions.tsConfigPath);
    const present = ours.filter((path) => /\/tsconfig(\.app|\.lib)?\.json$/.test(path));
    const missing = present.filter((path) => !listed.includes(path));
    // A project that is not listed is not compiled, and fails only when something imports it at run time.
    expect(missing.map((path) => `${path}:1 — add the project ${dirname(path)} to nest-cli.json`)).toEqual(
      [],
    );
    expect(listed.filter((path) => !present.includes(path))).toEqual([]);
  });
});

describe('scripts without arguments', () => {
  it.each(['check', 'docs-api', 'docs-config', 'setup'])('%s says what it does, and does nothing', (name) => {
    const answer = (argument: string) => {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [pathFromRoot(`scripts/${name}.mjs`), argument],
        { encoding: 'utf8', timeout: 30_000 },
      );
      return { status, stdout, stderr };
    };
    expect(answer('--help')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^It .* No arguments are taken\.\n$/) as unknown,
      stderr: '',
    });
    expect(answer('everything')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('.swcrc', () => {
  it('has the aliases of tsconfig.json', () => {
    const { jsc } = readJson('.swcrc') as { jsc: { paths: Record<string, string[]> } };
    expect(jsc.paths).toEqual(tsconfig.compilerOptions.paths);
  });
});

describe('package.json', () => {
  /** Packages that no file imports, and what needs them. */
  const unimported = new Map([
    ['@nestjs/cli', 'npm run build'],
    ['@swc/cli', 'the builder of @nestjs/cli'],
    ['@swc/core', 'the builder of @nestjs/cli, @swc/jest'],
    ['@swc/jest', 'jest.config.js'],
    ['@types/node', 'tsconfig.json'],
    ['esbuild', 'npm run build'],
    ['@asyncapi/specs', 'the specification that document.spec.ts reads as a file'],
    ['dependency-cruiser', 'scripts/check.mjs'],
    ['jest', 'npm run jest'],
    ['nats', 'the NATS transporter of moleculer, which the benchmark compares with'],
    ['pino-pretty', 'a transport that pino loads by name'],
    ['prettier', 'npm run format'],
    ['rxjs', 'a peer of @nestjs/core'],
    ['ts7', 'npm run typecheck'],
  ]);
  const declared = { ...packageFile.dependencies, ...packageFile.devDependencies };
  const imports = code.flatMap((path) => importsOf(path, readSource(path)));

  it('declares every package that is imported', () => {
    const wrong = imports.filter(({ name }) => !(name in declared));
    expect(wrong.map(({ at, name }) => `${at} ${name} — add it to package.json`)).toEqual([]);
  });

  it('declares no package that nobody needs', () => {
    const needed = new Set([...imports.map(({ name }) => name), ...unimported.keys()]);
    const idle = Object.keys(declared).filter((name) => !needed.has(name));
    expect(idle.map((name) => `package.json ${name} — remove it, or say here what needs it`)).toEqual([]);
    expect([...unimported.keys()].filter((name) => !(name in declared))).toEqual([]);
  });

  it('pins every package to one version', () => {
    const loose = Object.entries(declared).filter(
      ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    expect(
      loose.map(([name, version]) => `package.json ${name} ${version} — name one exact version`),
    ).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('has the packages of every platform', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/complete-lock.mjs', '--check'], {
      cwd: pathFromRoot(''),
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('docs/asyncapi.json', () => {
  it('is what the schemas say today', () => {
    // Compared as a truth value: the difference of two long documents would bury the remedy.
    const current = readSource('docs/asyncapi.json') === renderAsyncapi();
    expect(current ? [] : ['docs/asyncapi.json:1 — run npm run docs:api']).toEqual([]);
  });
});

describe('docs/CONFIGURATION.md', () => {
  it('is what the fields say today', () => {
    const current = readSource('docs/CONFIGURATION.md') === configDocument();
    expect(current ? [] : ['docs/CONFIGURATION.md:1 — run npm run docs:config']).toEqual([]);
  });
});

describe('what is tracked', () => {
  it('knows no machine and no registry', () => {
    // In pieces, so that this file does not find itself.
    const folders = ['work', 'root', 'Users', 'home'].map((name) => `(?<![\\w.:*-])/${name}/[a-z]`);
    const hosts = [
      '"reso' + 'lved": "(?!https://registry\\.npmjs\\.org/)',
      'verdac' + 'cio',
      'npm_config_reg' + 'istry',
    ];
    const pattern = new RegExp([...folders, ...hosts].join('|'));
    const found = paths
      .filter((path) => !/\.(png|svg|ico|woff2?)$/.test(path))
      .flatMap((path) =>
        readSource(path)
          .split('\n')
          .flatMap((line, index) =>
            pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 80)}`] : [],
          ),
      );
    expect(found.map((place) => `${place} — write it relative to the repository, or ask for it`)).toEqual([]);
  });
});

/** The packages that a file names in its imports; built-in modules, aliases and relative paths aside. */
function importsOf(path: string, text: string): { at: string; name: string }[] {
  const builtin = new Set(builtinModules);
  const aliases = Object.keys(tsconfig.compilerOptions.paths).map((alias) => alias.replace('*', ''));
  // The rules' own fixtures are imports in quotes.
  if (basename(path) === 'dependency-rules.spec.ts' || basename(path) === 'source-rules.spec.ts') return [];
  return text.split('\n').flatMap((line, index) => {
    const specifier = /^(?:(?:import|export|\}).* from |import )'([^']+)'/.exec(line)?.[1] ?? '';
    if (specifier === '' || /^(\.|node:)/.test(specifier) || builtin.has(specifier)) return [];
    if (aliases.some((alias) => specifier.startsWith(alias))) return [];
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    return [{ at: `${path}:${index + 1}`, name }];
  });
}
