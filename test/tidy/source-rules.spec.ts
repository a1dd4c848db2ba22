import { describe, expect, it } from '@jest/globals';
import { judge, sourceRules } from './source-rules.js';
import { typescriptFiles } from './source-tree.js';

/** For each rule: a file that breaks it, on its first line, and one that does not. */
const samples: Readonly<Record<string, readonly [path: string, broken: string, fine: string][]>> = {
  'cores are pure': [
    [
      'libs/core/a/a.ts',
      'const t = Date.now();',
      "// Date.now() is the caller's\nconst now = (nowTicks: number) => nowTicks;",
    ],
    ['libs/core/a/b.ts', 'setTimeout(() => 1, 5);', 'const plan = { setTimeout: 1 };'],
    [
      'libs/core/a/c.ts',
      "import { hrtime } from 'node:process';",
      "import { assert } from '@nexus/core/invariant';",
    ],
    ['libs/core/a/d.ts', 'const r = Math.random() * performance.now();', 'const r = Math.max(1, 2);'],
  ],
  'the environment is read in one place': [
    ['apps/a/src/main.ts', "const a = process.env['A'];", "const text = 'process.env';"],
  ],
  'exports are listed': [['libs/a/index.ts', "export * from './a.js';", "export { a } from './a.js';"]],
  'no open ends': [['apps/a/src/a.ts', ['// TO', 'DO: later'].join(''), '// Later is never.']],
  'every test runs': [
    ['apps/a/src/a.spec.ts', "it.only('a', () => 1);", "it('skips what is only queued', () => 1);"],
  ],
  'interfaces have plain names': [['libs/a/a.ts', 'interface IStore {}', 'interface Identity {}']],
  'durations carry their unit': [
    ['libs/a/a.ts', 'const timeout = 5_000;', 'const timeoutMs = 5_000;'],
    ['libs/a/b.ts', 'interface A { heartbeatInterval: number }', 'interface A { timeout: Timer }'],
  ],
  'functions are short': [
    ['libs/a/a.ts', `function f() {\n${'  g();\n'.repeat(70)}}`, `function f() {\n${'  g();\n'.repeat(60)}}`],
  ],
};

describe.each(sourceRules)('the source: $name', (rule) => {
  it('holds for every file', () => {
    expect(judge(rule, typescriptFiles())).toEqual([]);
  });

  it('is a rule that bites, and only there', () => {
    const cases = samples[rule.name] ?? [];
    expect(cases.length).toBeGreaterThan(0);
    for (const [path, broken, fine] of cases) {
      expect(judge(rule, [{ path, text: broken }])[0]).toContain(`${path}:1 `);
      expect(judge(rule, [{ path, text: fine }])).toEqual([]);
    }
  });
});
