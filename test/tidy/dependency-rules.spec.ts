import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathFromRoot, readSource } from './source-tree.js';

/** An import that a rule forbids: who, what, and which rule must say so. */
const forbidden: readonly (readonly [rule: string, from: string, statement: string])[] = [
  ['core-is-pure', 'libs/core/voting/clock.ts', "import 'node:perf_hooks';"],
  ['core-is-pure', 'libs/core/voting/wire.ts', "import { limits } from '@nexus/contracts';"],
  ['core-is-pure', 'libs/core/voting/types.ts', "import { type Limits } from '@nexus/contracts';"],
  ['core-is-pure', 'libs/core/voting/nest.ts', "import { Injectable } from '@nestjs/common';"],
  ['core-is-pure', 'libs/core/voting/other.ts', "import { ring } from '@nexus/core/ring';"],
  ['contracts-only-zod', 'libs/contracts/a.ts', "import { readFileSync } from 'node:fs';"],
  ['contracts-only-zod', 'libs/contracts/b.ts', "import { publish } from '@nexus/wire';"],
  ['contracts-tool-only-builtins', 'libs/contracts/asyncapi/write.ts', "import 'ioredis';"],
  ['wire-speaks-nats-only', 'libs/wire/a.ts', "import { Injectable } from '@nestjs/common';"],
  ['wire-speaks-nats-only', 'libs/wire/b.ts', "import { Agent } from '@nexus/sdk';"],
  ['wire-speaks-nats-only', 'libs/wire/d.ts', "import { ring } from '@nexus/core/ring';"],
  ['zod-as-type-only', 'libs/wire/c.ts', "import { z } from 'zod';"],
  ['mesh-stands-alone', 'libs/mesh/a.ts', "import { ring } from '@nexus/core/ring';"],
  ['mesh-stands-alone', 'libs/mesh/b.ts', "import { Injectable } from '@nestjs/common';"],
  ['zod-as-type-only', 'libs/mesh/c.ts', "import { z } from 'zod';"],
  ['balancer-stands-alone', 'libs/balancer/a.ts', "import { ring } from '@nexus/core/ring';"],
  ['balancer-stands-alone', 'libs/balancer/b.ts', "import { redis } from '@nexus/platform/redis';"],
  ['prediction-stands-alone', 'libs/prediction/a.ts', "import { ring } from '@nexus/core/ring';"],
  ['prediction-stands-alone', 'libs/prediction/b.ts', "import { redis } from '@nexus/platform/redis';"],
  ['routes-stand-alone', 'libs/routes/a.ts', "import { ring } from '@nexus/core/ring';"],
  ['routes-stand-alone', 'libs/routes/b.ts', "import { Injectable } from '@nestjs/common';"],
  ['sdk-stands-alone', 'libs/sdk/a.ts', "import { ring } from '@nexus/core/ring';"],
  ['sdk-stands-alone', 'libs/sdk/b.ts', "import { redis } from '@nexus/platform/redis';"],
  ['sdk-stands-alone', 'libs/sdk/c.ts', "import { Injectable } from '@nestjs/common';"],
  ['platform-below-apps', 'libs/platform/redis/a.ts', "import '../../../apps/routing/src/main.js';"],
  ['platform-below-apps', 'libs/platform/redis/b.ts', "import { Agent } from '@nexus/sdk';"],
  ['libs-below-apps', 'libs/sdk/d.ts', "import '../../apps/routing/src/main.js';"],
  ['no-app-in-app', 'apps/coordinator/src/a.ts', "import '../../routing/src/routing.module.js';"],
  ['fleet-is-for-show', 'apps/routing/src/h.ts', "import '../../../examples/fleet/main.js';"],
  ['standalone-only-composes', 'apps/standalone/src/a.ts', "import '../../routing/src/table.js';"],
  ['cli-is-a-client', 'apps/cli/src/a.ts', "import { redis } from '@nexus/platform/redis';"],
  ['cli-is-a-client', 'apps/cli/src/b.ts', "import { ring } from '@nexus/core/ring';"],
  ['no-app-in-app', 'apps/cli/src/c.ts', "import '../../routing/src/routing.module.js';"],
  ['no-cycles', 'apps/routing/src/one.ts', "import { type Two } from './two.js'; export type One = Two;"],
  ['through-the-front-door', 'apps/routing/src/b.ts', "import '../../../libs/core/ring/inner.js';"],
  ['through-the-front-door', 'libs/platform/redis/c.ts', "import '../../wire/inner.js';"],
  ['no-testing-in-production', 'apps/routing/src/c.ts', "import { fleet } from '@nexus/testing';"],
  ['no-testing-in-production', 'examples/fleet/a.ts', "import { fleet } from '@nexus/testing';"],
  ['no-spec-imported', 'apps/routing/src/d.ts', "import './table.spec.js';"],
  ['no-dev-package-in-production', 'apps/routing/src/e.ts', "import 'fast-check';"],
  ['declared-packages', 'apps/routing/src/f.ts', "import 'undeclared';"],
  ['resolvable', 'apps/routing/src/g.ts', "import './nowhere.js';"],
  ['no-dead-files', 'apps/routing/src/forgotten.ts', 'export const forgotten = 1;'],
];

/** Imports that no rule may object to, beside what the forbidden ones need to resolve. */
const allowed: Readonly<Record<string, string>> = {
  'libs/core/invariant/index.ts': 'export const assert = 1;',
  'libs/core/ring/index.ts': "import { assert } from '@nexus/core/invariant'; export const ring = assert;",
  'libs/core/ring/inner.ts': 'export const inner = 1;',
  'libs/core/ring/ring.spec.ts': "import 'node:fs'; import 'fast-check'; import './inner.js';",
  'libs/contracts/index.ts':
    "import { z } from 'zod'; export const limits = z; export type Limits = typeof limits;",
  'libs/wire/index.ts':
    "import 'node:buffer'; import { type z } from 'zod'; import { limits } from '@nexus/contracts'; import { type Stamp } from '@nexus/core/causality'; import '@nats-io/transport-node'; export const publish = limits; export type Z = z | Stamp;",
  'libs/wire/inner.ts': 'export const inner = 1;',
  'libs/core/gossip/index.ts': 'export const rounds = 1;',
  'libs/core/causality/index.ts': 'export const clock = 1; export type Stamp = typeof clock;',
  'libs/mesh/index.ts':
    "import 'node:buffer'; import { rounds } from '@nexus/core/gossip'; import '@nexus/core/causality'; import '@nexus/wire'; export const Mesh = rounds;",
  'libs/core/balancing/index.ts': 'export const pick = 1;',
  'libs/routes/index.ts':
    "import { pick } from '@nexus/core/balancing'; import '@nexus/wire'; export const follower = pick;",
  'libs/balancer/index.ts':
    "import { pick } from '@nexus/core/balancing'; import '@nexus/wire'; export const chooser = pick;",
  'libs/sdk/index.ts':
    "import 'node:os'; import { publish } from '@nexus/wire'; import '@nexus/mesh'; import '@nexus/core/causality'; import '@nexus/routes'; import '@nexus/balancer'; import '@nexus/core/balancing'; export const Agent = publish;",
  'libs/platform/redis/index.ts':
    "import 'ioredis'; import { ring } from '@nexus/core/ring'; export const redis = ring;",
  'libs/testing/index.ts':
    "import 'fast-check'; import { redis } from '@nexus/platform/redis'; export const fleet = redis;",
  'apps/routing/src/main.ts': "import './routing.module.js';",
  'apps/routing/src/routing.module.ts':
    "import 'reflect-metadata'; import { redis } from '@nexus/platform/redis'; import './table.js'; export const module = redis;",
  'apps/routing/src/table.ts': 'export const table = 1;',
  'apps/routing/src/table.spec.ts': "import { fleet } from '@nexus/testing'; export const spec = fleet;",
  'apps/routing/src/two.ts': "import { type One } from './one.js'; export type Two = One;",
  'apps/standalone/src/main.ts': "import '../../routing/src/routing.module.js';",
  'apps/cli/src/main.ts': "import { Agent } from '@nexus/sdk'; export const agent = Agent;",
  'bench/run.ts': "import { fleet } from '@nexus/testing'; export const bench = fleet;",
  'trials/main.ts': "import { fleet } from '@nexus/testing'; export const trial = fleet;",
};

const packages = {
  dependencies: ['zod', '@nestjs/common', '@nats-io/transport-node', 'ioredis', 'reflect-metadata'],
  devDependencies: ['fast-check'],
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

function cruise(root: string): Violation[] {
  const args = ['--config', pathFromRoot('.dependency-cruiser.cjs'), '--output-type', 'json'];
  const folders = ['apps', 'libs', 'examples', 'bench', 'trials'];
  const report = execFileSync(
    process.execPath,
    [pathFromRoot('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), ...args, ...folders],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return (JSON.parse(report) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('the dependency rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'nexus-rules-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  let violations: Violation[] = [];

  beforeAll(() => {
    const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
    write(
      'package.json',
      JSON.stringify({
        type: 'module',
        dependencies: versions(packages.dependencies),
        devDependencies: versions(packages.devDependencies),
      }),
    );
    for (const name of [...packages.dependencies, ...packages.devDependencies, 'undeclared']) {
      write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
      );
      write(`node_modules/${name}/index.js`, 'module.exports = {};');
    }
    write('tsconfig.json', readSource('tsconfig.json'));
    write('examples/fleet/main.ts', 'export const main = 1;');
    for (const [path, text] of Object.entries(allowed)) write(path, text);
    for (const [, path, text] of forbidden) write(path, text);
    violations = cruise(root);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(forbidden)('%s refuses %s: %s', (rule, from) => {
    expect(
      violations.filter((violation) => violation.from === from).map((violation) => violation.rule.name),
    ).toContain(rule);
  });

  it('refuse nothing that is allowed', () => {
    // What only a forbidden import would reach is dead in this tree, and the cycle has a second end.
    const expected = new Set(['no-dead-files', 'no-cycles']);
    const wrong = violations.filter(({ from, rule }) => from in allowed && !expected.has(rule.name));
    expect(wrong.map(({ from, rule }) => `${rule.name} ${from}`)).toEqual([]);
  });

  it('are all shown to bite', () => {
    const shown = new Set(forbidden.map(([rule]) => rule));
    expect(ruleNames().filter((name) => !shown.has(name))).toEqual([]);
  });
});

function ruleNames(): string[] {
  const script = `console.log(JSON.stringify(require(${JSON.stringify(pathFromRoot('.dependency-cruiser.cjs'))}).forbidden.map((rule) => rule.name)))`;
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as string[];
}
