// Who may import whom: the table of docs/ARCHITECTURE.md, executable. The comment of a rule names the remedy.

/** Tests may reach anything: what they show matters more than how they come to it. */
const tests = ['\\.spec\\.ts$', '/testdata/', '^libs/testing/', '^test/', '^bench/', '^trials/'];

const npm = (...names) => names.map((name) => `^node_modules/${name}/`);
const nats = '@nats-io/[^/]+';
const index = (...libs) => libs.map((lib) => `^libs/${lib}/index\\.ts$`);

/** `from` may import its own files and `allowed`, and nothing else. */
const only = (name, comment, { from, except = [], allowed, builtins = false }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: [...tests, ...except] },
  to: {
    pathNot: allowed,
    ...(builtins && { dependencyTypesNot: ['core'] }),
  },
});

/** `from` must not import `to`. */
const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const layers = [
  only(
    'core-is-pure',
    'A core knows its own files and @nexus/core/invariant. Take clock, randomness and I/O as input, return effects as data, and let a runner in an app or platform lib execute them.',
    { from: '^libs/core/([^/]+)/', allowed: ['^libs/core/$1/', ...index('core/invariant')] },
  ),
  only(
    'contracts-only-zod',
    'The contract is schemas. Move what needs more to libs/wire (speaking it) or to the service that serves it.',
    {
      from: '^libs/contracts/',
      except: ['^libs/contracts/asyncapi/write\\.ts$'],
      allowed: ['^libs/contracts/', ...npm('zod')],
    },
  ),
  only(
    'contracts-tool-only-builtins',
    'The tool that writes the document may touch the file system; all else belongs in asyncapi/document.ts.',
    {
      from: '^libs/contracts/asyncapi/write\\.ts$',
      allowed: ['^libs/contracts/', ...npm('zod')],
      builtins: true,
    },
  ),
  only(
    'wire-speaks-nats-only',
    'Wire is for services and SDK alike: contracts, causality (whose stamps it carries), the NATS client, msgpackr and the OpenTelemetry API. Move Nest and vendor code to libs/platform.',
    {
      from: '^libs/wire/',
      allowed: [
        '^libs/wire/',
        ...index('contracts', 'core/causality'),
        ...npm(nats, 'msgpackr', '@opentelemetry/api', 'zod'),
      ],
      builtins: true,
    },
  ),
  only(
    'mesh-stands-alone',
    'A gossip member runs in plain Node, in services and agents alike: contracts, wire, the two cores and the NATS client. Move Nest and vendor code to libs/platform/gossip.',
    {
      from: '^libs/mesh/',
      allowed: [
        '^libs/mesh/',
        ...index('contracts', 'wire', 'core/causality', 'core/gossip', 'core/invariant'),
        ...npm(nats, '@opentelemetry/api', 'zod'),
      ],
      builtins: true,
    },
  ),
  only(
    'routes-stand-alone',
    'Following the route table runs in plain Node, in services and clients alike: contracts, wire and the cores of the table. Move Nest and vendor code to libs/platform/routes.',
    {
      from: '^libs/routes/',
      allowed: [
        '^libs/routes/',
        ...index('contracts', 'wire', 'core/balancing', 'core/invariant', 'core/route-table'),
      ],
    },
  ),
  only(
    'balancer-stands-alone',
    'Sharing work out runs in plain Node, in coordinators and clients alike: contracts, wire, the cores it drives and the OpenTelemetry API. Pass anything else in as an option.',
    {
      from: '^libs/balancer/',
      allowed: [
        '^libs/balancer/',
        ...index(
          'contracts',
          'wire',
          'core/balancing',
          'core/invariant',
          'core/resilience',
          'core/route-table',
        ),
        ...npm(nats, '@opentelemetry/api'),
      ],
    },
  ),
  only(
    'prediction-stands-alone',
    'Predicting by published models is the same in coordinators and in the intelligence service: contracts and the cores of learning and balancing. Pass anything else in as an option.',
    {
      from: '^libs/prediction/',
      allowed: [
        '^libs/prediction/',
        ...index('contracts', 'core/balancing', 'core/invariant', 'core/learning'),
      ],
    },
  ),
  only(
    'sdk-stands-alone',
    'The SDK runs in plain Node: contracts, wire, mesh, causality, aggregation (relays bring answers together), what a client needs to share work out by itself (routes, balancer and their cores), the NATS client and the OpenTelemetry API. Pass anything else in as an option.',
    {
      from: '^libs/sdk/',
      allowed: [
        '^libs/sdk/',
        ...index('contracts', 'wire', 'mesh', 'core/aggregation', 'core/causality', 'core/invariant'),
        ...index('routes', 'balancer', 'core/balancing', 'core/resilience', 'core/route-table'),
        ...npm(nats, '@opentelemetry/api', 'zod'),
      ],
      builtins: true,
    },
  ),
  never(
    'zod-as-type-only',
    'Wire and SDK mention schemas by type alone: `import { type z }`. Put schemas into libs/contracts.',
    { path: '^libs/(wire|mesh|sdk)/', pathNot: tests },
    { path: npm('zod'), dependencyTypesNot: ['type-only'] },
  ),
  never(
    'platform-below-apps',
    'A platform lib serves apps and knows none. Declare a port in the platform lib and let the app implement it.',
    { path: '^libs/platform/', pathNot: tests },
    { path: '^(apps|examples|bench|trials|libs/sdk|libs/testing)/' },
  ),
];

const apps = [
  never(
    'no-app-in-app',
    'Apps meet on the wire. Ask through @nexus/wire, or move what both need into a lib.',
    { path: '^apps/([^/]+)/', pathNot: [...tests, '^apps/standalone/'] },
    { path: '^apps/', pathNot: '^apps/$1/' },
  ),
  never(
    'standalone-only-composes',
    'Standalone composes the other apps by their *.module.ts and *.config.ts. Export what it needs from there.',
    { path: '^apps/standalone/', pathNot: tests },
    { path: '^apps/', pathNot: ['^apps/standalone/', '\\.(module|config)\\.ts$'] },
  ),
  never(
    'cli-is-a-client',
    'The CLI is a client like any other: sdk, contracts, wire, and of platform only config, servers, telemetry and terminal.',
    { path: '^apps/cli/', pathNot: tests },
    {
      path: '^libs/',
      pathNot: index(
        'sdk',
        'contracts',
        'wire',
        'platform/config',
        'platform/servers',
        'platform/telemetry',
        'platform/terminal',
      ),
    },
  ),
  never(
    'fleet-is-for-show',
    'Only standalone starts the sample fleet. Put what an app needs into a lib.',
    { path: '^apps/', pathNot: [...tests, '^apps/standalone/'] },
    { path: '^examples/' },
  ),
  never(
    'libs-below-apps',
    'A lib that knows an app cannot be used by another. Move the shared part into the lib.',
    { path: '^libs/', pathNot: tests },
    { path: '^(apps|examples|bench|trials)/' },
  ),
];

const everywhere = [
  never(
    'no-cycles',
    'Move what both files need into a third one; a type-only cycle is a cycle too.',
    {},
    { circular: true },
  ),
  never(
    'through-the-front-door',
    'Import a lib by its index (@nexus/…). Export the name there if it is meant for others.',
    {
      path: '^(libs/(?:core|platform)/[^/]+|libs/[^/]+|apps/[^/]+|examples|bench|trials)/',
      pathNot: '\\.spec\\.ts$',
    },
    {
      path: '^libs/',
      pathNot: ['^$1/', '^libs/(?:(?:core|platform)/)?[^/]+/index\\.ts$'],
    },
  ),
  never(
    'no-testing-in-production',
    'libs/testing is for tests and benchmarks. Move what production needs into a lib of its own.',
    { pathNot: tests },
    { path: '^libs/testing/' },
  ),
  never(
    'no-spec-imported',
    'A spec is an end, not a source. Move what others need into libs/testing.',
    {},
    { path: '\\.spec\\.ts$' },
  ),
  never(
    'no-dev-package-in-production',
    'The image is built without devDependencies. Move the package to dependencies, or the code to a test.',
    { path: '^(apps|libs|examples)/', pathNot: tests },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
  never(
    'declared-packages',
    'Add the package to package.json: a package that another one happens to bring may go any day.',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  never(
    'resolvable',
    'Nothing is found under this name: mind the `.js` ending, the alias in tsconfig.json, package.json.',
    {},
    { couldNotResolve: true },
  ),
  never(
    'no-dead-files',
    'No entry (main, index, an example, a benchmark) reaches this file. Delete it, or import it where it is meant to be used.',
    { path: ['(^|/)(main|index|write|config-document)\\.ts$', '^(examples|bench|trials)/'] },
    {
      path: '^(apps|libs)/.+\\.ts$',
      pathNot: ['\\.spec\\.ts$', '/testdata/', '/(main|index|write|config-document)\\.ts$'],
      reachable: false,
    },
  ),
];

module.exports = {
  forbidden: [...layers, ...apps, ...everywhere],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.nexus|coverage)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count: they are dependencies of whoever reads the code.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
