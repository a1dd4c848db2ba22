import Table from 'cli-table3';
import { type Colours, coloursFor } from './colours.js';
import { printable } from './printable.js';

/** What a cell says about its subject. */
export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

export type Cell = string | number | { readonly text: string | number; readonly tone: Tone };

export interface TableOptions {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns, by index, whose cells stand to the right. */
  readonly right?: readonly number[];
  /** Default: as standard output takes them. */
  readonly colours?: Colours;
}

const plainLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A table for people: no frame and no trailing blanks, so that lines can be copied and grepped. */
export function renderTable({ head, rows, right = [], colours }: TableOptions): string {
  const paint = colours ?? coloursFor(process.stdout);
  const table = new Table({
    head: head.map((title) => paint.dim(title)),
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    chars: plainLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map((cell) => painted(cell, paint))));
  return table.toString().replace(/ +$/gm, '');
}

function painted(cell: Cell, paint: Colours): string {
  if (typeof cell !== 'object') return printable(String(cell));
  return paintOf(cell.tone, paint)(printable(String(cell.text)));
}

/** How a tone looks. */
export function paintOf(tone: Tone, paint: Colours): (text: string) => string {
  const looks = { good: paint.green, warning: paint.yellow, bad: paint.red, quiet: paint.dim };
  return looks[tone];
}
