import { formatBytes, renderTable } from '@nexus/platform/terminal';
import { type Figure } from '../measure/figures.js';
import { type CountTable, type MemoryTable, type RateTable, type Table } from '../sections/section.js';
import { type Machine } from './machine.js';

/** One line that says where the figures come from. */
export const machineLine = (machine: Machine): string =>
  [
    `${machine.cpu}, ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}`,
    machine.os,
    `Node ${machine.node}`,
    `nats-server ${machine.nats}`,
    `Redis ${machine.redis}`,
  ].join(' · ');

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

function ratesText({ title, unit, results, also }: RateTable): string {
  const times = timesOf(results.map(({ p50Ms }) => p50Ms));
  const rows = results.map(({ name, ratePerS, p50Ms, p99Ms, calls, ratio }, index) => [
    name,
    number(ratePerS.median),
    range(ratePerS, number),
    times.show(p50Ms),
    times.show(p99Ms),
    calls,
    index === 0 ? '1' : ratio.median.toFixed(2),
    index === 0 ? '' : range(ratio, (value) => value.toFixed(2)),
    ...(also ? [number(also.ratios[index]!.median)] : []),
  ]);
  const head = ['', unit, 'min–max', `p50 ${times.unit}`, `p99 ${times.unit}`, 'calls', 'ratio', 'min–max'];
  if (also) head.push(`to ${also.name}`);
  return `${title}\n${renderTable({ head, rows, right: head.map((_, column) => column).slice(1) })}`;
}

function memoryText({ title, moments, processes }: MemoryTable): string {
  const rows = processes.map(({ name, residentBytes }) => [name, ...residentBytes.map(formatBytes)]);
  return `${title}\n${renderTable({ head: ['', ...moments], rows, right: moments.map((_, column) => column + 1) })}`;
}

function countsText({ title, columns, rows }: CountTable): string {
  const right = columns.map((_, column) => column + 1);
  const cells = rows.map(({ name, values }) => [name, ...values.map(number)]);
  return `${title}\n${renderTable({ head: ['', ...columns], rows: cells, right })}`;
}

const range = ({ min, max }: Figure, show: (value: number) => string) => `${show(min)}–${show(max)}`;

/** Three digits at least, no more than the measure is worth. */
const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

interface TimeUnit {
  readonly unit: string;
  readonly perMs: number;
  /** It is used for times above this. */
  readonly fromMs: number;
}

const timeUnits: readonly TimeUnit[] = [
  { unit: 'ms', perMs: 1, fromMs: 0.2 },
  { unit: 'µs', perMs: 1e3, fromMs: 0.001 },
  { unit: 'ns', perMs: 1e6, fromMs: 0 },
];

/** One unit for all times of a table: that of the longest. */
function timesOf(timesMs: readonly number[]) {
  const longestMs = Math.max(...timesMs);
  const { unit, perMs } = timeUnits.find(({ fromMs }) => longestMs >= fromMs) ?? timeUnits[0]!;
  const show = (timeMs: number) => (timeMs * perMs).toFixed(timeMs * perMs < 10 ? 2 : 1);
  return { unit, show };
}
