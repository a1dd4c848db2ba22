import { stripVTControlCharacters } from 'node:util';
import { formatDuration, printable, renderTable } from '@nexus/platform/terminal';
import { type StepOutcome } from './step.js';

/** A step in the summary; one that failed has no reply to tell of. */
export type SummaryRow = Pick<StepOutcome, 'ok' | 'finding' | 'durationMs'> &
  Partial<StepOutcome> & { readonly title: string };

/**
 * A table of all steps.
 * @param columns of the terminal; undefined where there is none, so that each step stays on one line
 */
export function renderSummary(rows: readonly SummaryRow[], columns: number | undefined): string {
  const wide = renderWide(rows);
  return columns === undefined || widthOf(wide) <= columns ? wide : renderNarrow(rows);
}

const renderWide = (rows: readonly SummaryRow[]): string =>
  renderTable({
    head: ['', 'coordination', 'outcome', 'agents', 'layer', 'time', 'trace'],
    rows: rows.map(({ ok, title, finding, agents, layer, durationMs, traceId }) => [
      ok ? '✔' : '✘',
      title,
      finding,
      agents ?? '-',
      layer ?? '-',
      formatDuration(durationMs),
      traceId ?? '-',
    ]),
    right: [3, 5],
  });

/** What is long stands below its row. */
function renderNarrow(rows: readonly SummaryRow[]): string {
  const table = renderTable({
    head: ['', 'coordination', 'agents', 'layer', 'time'],
    rows: rows.map(({ ok, title, agents, layer, durationMs }) => [
      ok ? '✔' : '✘',
      title,
      agents ?? '-',
      layer ?? '-',
      formatDuration(durationMs),
    ]),
    right: [2, 4],
  });
  const [head = '', ...lines] = table.split('\n');
  const below = ({ finding, traceId }: SummaryRow) => [
    `   ${printable(finding)}`,
    ...(traceId ? [`   trace ${traceId}`] : []),
  ];
  return [head, ...rows.flatMap((row, index) => [lines[index] ?? '', ...below(row)])].join('\n');
}

const widthOf = (text: string): number =>
  Math.max(...text.split('\n').map((line) => stripVTControlCharacters(line).length));
