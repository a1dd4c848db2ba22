import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

// One source of truth for each: the compiler's options in .swcrc, the aliases in tsconfig.json.
const swc = read('./.swcrc');
delete swc.jsc.paths;
delete swc.jsc.baseUrl;
swc.module = { type: 'es6' };

const aliases = Object.fromEntries(
  Object.entries(read('./tsconfig.json').compilerOptions.paths).map(([alias, [target]]) => [
    `^${alias.replace('*', '(.+)')}$`,
    target.replace('./', '<rootDir>/').replace('*', '$1'),
  ]),
);

const project = (displayName, testMatch) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  // OpenTelemetry keeps its state on the global object, which the softer settings warn about at each use.
  testEnvironmentOptions: { globalsCleanup: 'off' },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { ...aliases, '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.nexus/'],
});

export default {
  // Above the time that `eventually` waits, so that its error is the one that is seen.
  testTimeout: 60_000,
  projects: [
    project('tidy', ['<rootDir>/test/tidy/**/*.spec.ts']),
    project('unit', ['<rootDir>/{apps,libs,examples,bench,trials}/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
  ],
};
