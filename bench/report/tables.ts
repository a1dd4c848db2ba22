import { formatBytes, renderTable } from '@nexus/platform/terminal';
import { type Figure } from '../measure/figures.js';
import { type MemoryTable, type RateTable, type Table } from '../sections/section.js';
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
export const tableText = (table: Table): string =>
  table.kind === 'rates' ? ratesText(table) : memoryText(table);

function ratesText({ title, unit, results, also }: RateTable): string {
  const rows = results.map(({ name, ratePerS, p50Ms, p99Ms, calls, ratio }, index) => [
    name,
    number(ratePerS.median),
    range(ratePerS, number),
    milliseconds(p50Ms),
    milliseconds(p99Ms),
    calls,
    index === 0 ? '1' : ratio.median.toFixed(2),
    index === 0 ? '' : range(ratio, (value) => value.toFixed(2)),
    ...(also ? [number(also.ratios[index]!.median)] : []),
  ]);
  const head = ['', unit, 'min–max', 'p50 ms', 'p99 ms', 'calls', 'ratio', 'min–max'];
  if (also) head.push(`to ${also.name}`);
  return `${title}\n${renderTable({ head, rows, right: head.map((_, column) => column).slice(1) })}`;
}

function memoryText({ title, moments, processes }: MemoryTable): string {
  const rows = processes.map(({ name, residentBytes }) => [name, ...residentBytes.map(formatBytes)]);
  return `${title}\n${renderTable({ head: ['', ...moments], rows, right: moments.map((_, column) => column + 1) })}`;
}

const range = ({ min, max }: Figure, show: (value: number) => string) => `${show(min)}–${show(max)}`;

/** Three digits at least, no more than the measure is worth. */
const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

const milliseconds = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
