import ts from 'typescript';
import { isSpec, isTest, type SourceFile } from './source-tree.js';

/** What a rule found, and where. */
export interface Finding {
  readonly line: number;
  readonly what: string;
}

export interface SourceRule {
  readonly name: string;
  readonly remedy: string;
  /** The files that it holds for. */
  readonly governs: (path: string) => boolean;
  readonly find: (file: SourceFile) => Finding[];
}

type Visit = (node: ts.Node, report: (what: string) => void, source: ts.SourceFile) => void;

/** Looks at every node of the syntax tree, so that comments and texts do not count. */
const syntax =
  (visit: Visit) =>
  ({ path, text }: SourceFile): Finding[] => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const findings: Finding[] = [];
    const walk = (node: ts.Node): void => {
      visit(
        node,
        (what) => {
          const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
          findings.push({ line: line + 1, what });
        },
        source,
      );
      node.forEachChild(walk);
    };
    walk(source);
    return findings;
  };

/** Looks at the text line by line, comments and all. */
const lines =
  (pattern: RegExp) =>
  ({ text }: SourceFile): Finding[] =>
    text.split('\n').flatMap((line, index) => {
      const [what] = pattern.exec(line) ?? [];
      return what === undefined ? [] : [{ line: index + 1, what }];
    });

const inCore = (path: string) => path.startsWith('libs/core/') && !isSpec(path);
const anywhere = () => true;

const impureGlobals = new Set([
  ...[
    'process',
    'performance',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'fetch',
    'console',
  ],
]);

/** `Date.now`, `new Date()` without an argument, `Math.random`, a timer, `process`, a Node module. */
const impurity: Visit = (node, report) => {
  if (ts.isPropertyAccessExpression(node)) {
    const name = `${node.expression.getText()}.${node.name.text}`;
    if (['Date.now', 'Math.random', 'crypto.randomUUID'].includes(name)) report(name);
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    report('new Date()');
  if (ts.isIdentifier(node) && impureGlobals.has(node.text) && isFree(node)) report(node.text);
  if (ts.isImportDeclaration(node) && node.moduleSpecifier.getText().includes('node:')) {
    report(node.moduleSpecifier.getText());
  }
};

/** Whether an identifier is used as a name of its own, not as a field or a declaration. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return ts.isCallExpression(parent) || ts.isNewExpression(parent) || ts.isBinaryExpression(parent);
}

const environment: Visit = (node, report) => {
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') report('process.env');
};

const exportStar: Visit = (node, report) => {
  if (ts.isExportDeclaration(node) && node.exportClause === undefined) report(node.getText());
};

const focused: Visit = (node, report) => {
  if (!ts.isPropertyAccessExpression(node) || !['only', 'skip', 'todo', 'failing'].includes(node.name.text))
    return;
  const root = node.expression.getText().split('.')[0] ?? '';
  if (['it', 'test', 'describe'].includes(root)) report(node.getText());
};

const hungarian: Visit = (node, report) => {
  if (
    (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
    /^I[A-Z][a-z]/.test(node.name.text)
  ) {
    report(node.name.text);
  }
};

const unitless = /(timeout|interval|delay|ttl|duration|latency|elapsed|deadlineIn)$/i;

/** A number under a name that says a length of time but not its unit. */
const durations: Visit = (node, report) => {
  if (
    !(ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertySignature(node)) &&
    !(ts.isParameter(node) || ts.isPropertyAssignment(node))
  ) {
    return;
  }
  if (!ts.isIdentifier(node.name) || !unitless.test(node.name.text)) return;
  // What a foreign API calls `timeout` is its name, not ours: `connect({ timeout: connectTimeoutMs })`.
  if (ts.isPropertyAssignment(node)) return;
  const { type, initializer } = { initializer: undefined, ...node };
  const numeric =
    type?.kind === ts.SyntaxKind.NumberKeyword || (initializer !== undefined && isArithmetic(initializer));
  if (numeric) report(node.name.text);
};

function isArithmetic(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node)) return true;
  if (ts.isBinaryExpression(node)) return isArithmetic(node.left) || isArithmetic(node.right);
  return false;
}

const functionLinesMax = 70;

/** Lines of a function that hold code; layout and comments are free. */
const longFunctions: Visit = (node, report, source) => {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
  const code = node
    .getText(source)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
  if (code > functionLinesMax) report(`a function of ${code} lines`);
};

/** Written in two parts, so that this file may stand under its own rule. */
const openEnds = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);

export const sourceRules: readonly SourceRule[] = [
  {
    name: 'cores are pure',
    remedy: 'take the time, the randomness or the outcome as input, and return effects as data',
    governs: inCore,
    find: syntax(impurity),
  },
  {
    name: 'the environment is read in one place',
    remedy:
      'declare a field in the *.config.ts of the service and take the value from the parsed configuration',
    governs: (path) => !isTest(path) && !path.endsWith('.config.ts'),
    find: syntax(environment),
  },
  {
    name: 'exports are listed',
    remedy: 'name the exports one by one, so that a reader sees what is public',
    governs: anywhere,
    find: syntax(exportStar),
  },
  {
    name: 'no open ends',
    remedy: 'do it now, or open an issue and say in the code what holds today',
    governs: anywhere,
    find: lines(openEnds),
  },
  {
    name: 'every test runs',
    remedy: 'remove .only, .skip, .todo or .failing; delete a test that is no longer meant',
    governs: isTest,
    find: syntax(focused),
  },
  {
    name: 'interfaces have plain names',
    remedy: 'drop the I: the port is the noun, the adapter is technology + port',
    governs: anywhere,
    find: syntax(hungarian),
  },
  {
    name: 'durations carry their unit',
    remedy: 'end the name in Ms, S or Ticks',
    // The CLI's options are named by its flags, and people write `--timeout 5s`.
    governs: (path) => path !== 'apps/cli/src/coordinate/goal-options.ts',
    find: syntax(durations),
  },
  {
    name: 'functions are short',
    remedy: `split it: at most ${functionLinesMax} lines, branching in the parent, leaves pure`,
    governs: (path) => !isTest(path),
    find: syntax(longFunctions),
  },
];

/** `path:line what — remedy`, a line a finding. */
export const judge = (rule: SourceRule, files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => rule.governs(path))
    .flatMap((file) =>
      rule.find(file).map(({ line, what }) => `${file.path}:${line} ${what} — ${rule.remedy}`),
    );
