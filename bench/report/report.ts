import { type CountTable, type RateTable, type Table } from '../sections/section.js';
import { type Machine } from './machine.js';

/** A table, and which section it is of. */
export type SectionTable = { readonly section: string } & Table;

/** All that one run measured. */
export interface Report {
  /** When it began, RFC 3339 in UTC. */
  readonly startedAt: string;
  readonly quick: boolean;
  readonly tookS: number;
  readonly machine: Machine;
  readonly tables: readonly SectionTable[];
}

export const rateTables = ({ tables }: Report, section: string): RateTable[] =>
  tables.filter((table) => table.section === section).filter((table) => table.kind === 'rates');

export const countTables = ({ tables }: Report, section: string): CountTable[] =>
  tables.filter((table) => table.section === section).filter((table) => table.kind === 'counts');
