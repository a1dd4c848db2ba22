import { type CountTable, type RateTable } from '../sections/section.js';
import { machineLine } from './machine.js';
import { type Report, type SectionTable } from './report.js';

/** One bar: a value, and the range that it moved in. */
interface Bar {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const widthPx = 960;
const namesPx = 280;
const figuresPx = 110;
const barPx = 14;
const rowPx = 20;
const titlePx = 34;
const marginPx = 16;
const plotPx = widthPx - namesPx - figuresPx - 2 * marginPx;

/** The ratios of the run as a picture: a panel a table, its lines as bars with the range over the rounds. */
export function chartOf(report: Report): string {
  const panels = report.tables.flatMap(panelOf);
  const heights = panels.map(({ bars }) => titlePx + bars.length * rowPx + marginPx);
  const heightPx = heights.reduce((sum, height) => sum + height, 3 * marginPx);
  let topPx = 3 * marginPx;
  const drawn = panels.map((panel, index) => {
    const svg = drawPanel(panel, topPx);
    topPx += heights[index]!;
    return svg;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" font-family="sans-serif" font-size="12">`,
    `<rect width="${widthPx}" height="${heightPx}" fill="#fff"/>`,
    text(marginPx, 1.5 * marginPx, machineLine(report.machine), { fill: '#555' }),
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function panelOf(table: SectionTable): Panel[] {
  switch (table.kind) {
    case 'rates':
      return [ratioPanel(table)];
    case 'counts':
      return table.chart === undefined ? [] : [columnPanel(table, table.chart)];
    case 'memory':
      return [];
  }
}

function ratioPanel({ section, title, unit, results }: SectionTable & RateTable): Panel {
  const [first] = results;
  return {
    title: `${section}: ${title}: ${unit}, ${first?.name ?? ''} = 1`,
    bars: results.map(({ name, ratio: { median, min, max } }) => ({ name, value: median, min, max })),
  };
}

function columnPanel({ section, title, columns, rows }: SectionTable & CountTable, column: string): Panel {
  const index = columns.indexOf(column);
  return {
    title: `${section}: ${title}: ${column}`,
    bars: rows.map(({ name, values }) => {
      const value = values[index]!;
      if (typeof value === 'number') return { name, value, min: value, max: value };
      return { name, value: value.median, min: value.min, max: value.max };
    }),
  };
}

function drawPanel({ title, bars }: Panel, topPx: number): string {
  const most = Math.max(...bars.map(({ max }) => max), Number.MIN_VALUE);
  const xOf = (value: number) => marginPx + namesPx + (plotPx * value) / most;
  const rows = bars.map(({ name, value, min, max }, index) => {
    const yPx = topPx + titlePx + index * rowPx;
    const middlePx = yPx + barPx / 2;
    const fill = name.startsWith('Nexus') ? '#2563eb' : '#9ca3af';
    return [
      text(marginPx + namesPx - 8, middlePx + 4, name, { 'text-anchor': 'end' }),
      `<rect x="${xOf(0)}" y="${yPx}" width="${px(xOf(value) - xOf(0))}" height="${barPx}" fill="${fill}"/>`,
      `<line x1="${px(xOf(min))}" x2="${px(xOf(max))}" y1="${middlePx}" y2="${middlePx}" stroke="#111"/>`,
      text(widthPx - marginPx, middlePx + 4, value.toPrecision(3), { 'text-anchor': 'end' }),
    ].join('\n');
  });
  const heading = text(marginPx, topPx + titlePx - 14, title, { 'font-weight': 'bold' });
  return [heading, ...rows].join('\n');
}

const px = (value: number): string => value.toFixed(1);

function text(x: number, y: number, content: string, attributes: Readonly<Record<string, string>>): string {
  const extra = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
  return `<text x="${x}" y="${y}"${extra.join('')}>${escaped(content)}</text>`;
}

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
