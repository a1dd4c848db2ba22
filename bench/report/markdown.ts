import { formatBytes } from '@nexus/platform/terminal';
import { type Table } from '../sections/section.js';
import { countText, number, rangeText, timesOf } from './figures-text.js';
import { type Goal, goalsOf } from './goals.js';
import { machineLine } from './machine.js';
import { type Report } from './report.js';

/** The results as a document has them: goals first, then every table, ratios before rates. */
export function markdownOf(report: Report): string {
  const { startedAt, quick, tookS, machine, tables } = report;
  const goals = goalsOf(report);
  const sections = [...new Set(tables.map(({ section }) => section))];
  return [
    `Measured ${startedAt.slice(0, 16).replace('T', ' ')} UTC in ${tookS} s${quick ? ', with `--quick`' : ''}: ${machineLine(machine)}`,
    ...(goals.length > 0 ? ['### Goals', goalsTable(goals)] : []),
    ...sections.flatMap((section) => [
      `### ${section}`,
      ...tables.filter((table) => table.section === section).flatMap(tableMarkdown),
    ]),
  ].join('\n\n');
}

/** Where the results stand in a document; what is between is replaced by those of the next run. */
const block = /<!-- results -->[\s\S]*<!-- \/results -->/;

/**
 * The document with these results in place of those that it had.
 * @throws Error when it has no place for them
 */
export function withResults(document: string, report: Report): string {
  if (!block.test(document)) throw new Error('the document has no <!-- results --> block');
  const results = `<!-- results -->\n<!-- prettier-ignore-start -->\n\n${markdownOf(report)}\n\n<!-- prettier-ignore-end -->\n<!-- /results -->`;
  return document.replace(block, () => results);
}

const goalsTable = (goals: readonly Goal[]): string =>
  tableOf(
    ['goal', 'bound', 'measured', ''],
    goals.map(({ name, bound, sense, measured, reached }) => [
      name,
      `${sense === 'at least' ? '≥' : '≤'} ${number(bound)}`,
      number(measured),
      reached ? 'reached' : '**missed**',
    ]),
  );

function tableMarkdown(table: Table): string[] {
  switch (table.kind) {
    case 'rates': {
      const times = timesOf(table.results.map(({ p50Ms }) => p50Ms));
      const { also } = table;
      const rows = table.results.map(({ name, ratio, ratePerS, p50Ms, p99Ms }, index) => [
        name,
        index === 0 ? '1' : `${ratio.median.toFixed(2)} (${rangeText(ratio, (value) => value.toFixed(2))})`,
        ...(also ? [number(also.ratios[index]!.median)] : []),
        `${number(ratePerS.median)} (${rangeText(ratePerS, number)})`,
        times.show(p50Ms),
        times.show(p99Ms),
      ]);
      const head = ['', 'ratio', table.unit, `p50 ${times.unit}`, `p99 ${times.unit}`];
      if (also) head.splice(2, 0, `to ${also.name}`);
      const notes = (table.leftOut ?? []).map(({ name, why }) => `${name}: left out, ${why}`);
      return [`**${table.title}**`, tableOf(head, rows), ...notes];
    }
    case 'memory':
      return [
        `**${table.title}**`,
        tableOf(
          ['', ...table.moments],
          table.processes.map(({ name, residentBytes }) => [name, ...residentBytes.map(formatBytes)]),
        ),
      ];
    case 'counts':
      return [
        `**${table.title}**`,
        tableOf(
          ['', ...table.columns],
          table.rows.map(({ name, values }) => [name, ...values.map(countText)]),
        ),
      ];
  }
}

/** Figures stand to the right, so that they can be compared by eye. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
