import { formatBytes, renderTable } from '@nexus/platform/terminal';
import { type CountTable, type MemoryTable, type RateTable, type Table } from '../sections/section.js';
import { type Goal } from './goals.js';
import { countText, number, rangeText, timesOf } from './figures-text.js';

/** A table for people. */
export function tableText(table: Table): string {
  switch (table.kind) {
    case 'rates':
      return ratesText(table);
    case 'memory':
      return memoryText(table);
    case 'counts':
      return countsText(table);
  }
}

function ratesText({ title, unit, results, also, leftOut = [] }: RateTable): string {
  const times = timesOf(results.map(({ p50Ms }) => p50Ms));
  const rows = results.map(({ name, ratePerS, p50Ms, p99Ms, calls, ratio }, index) => [
    name,
    number(ratePerS.median),
    rangeText(ratePerS, number),
    times.show(p50Ms),
    times.show(p99Ms),
    calls,
    index === 0 ? '1' : ratio.median.toFixed(2),
    index === 0 ? '' : rangeText(ratio, (value) => value.toFixed(2)),
    ...(also ? [number(also.ratios[index]!.median)] : []),
  ]);
  const head = ['', unit, 'min–max', `p50 ${times.unit}`, `p99 ${times.unit}`, 'calls', 'ratio', 'min–max'];
  if (also) head.push(`to ${also.name}`);
  const notes = leftOut.map(({ name, why }) => `\n${name}: left out, ${why}`);
  return `${title}\n${renderTable({ head, rows, right: head.map((_, column) => column).slice(1) })}${notes.join('')}`;
}

function memoryText({ title, moments, processes }: MemoryTable): string {
  const rows = processes.map(({ name, residentBytes }) => [name, ...residentBytes.map(formatBytes)]);
  return `${title}\n${renderTable({ head: ['', ...moments], rows, right: moments.map((_, column) => column + 1) })}`;
}

function countsText({ title, columns, rows }: CountTable): string {
  const right = columns.map((_, column) => column + 1);
  const cells = rows.map(({ name, values }) => [name, ...values.map(countText)]);
  return `${title}\n${renderTable({ head: ['', ...columns], rows: cells, right })}`;
}

/** What the goals came to, or nothing when none was touched. */
export function goalsText(goals: readonly Goal[]): string {
  if (goals.length === 0) return '';
  const rows = goals.map(({ name, bound, sense, measured, reached }) => [
    name,
    `${sense} ${number(bound)}`,
    number(measured),
    reached ? 'reached' : 'missed',
  ]);
  return `\n── goals\n\n${renderTable({ head: ['', 'bound', 'measured', ''], rows, right: [1, 2] })}\n`;
}
