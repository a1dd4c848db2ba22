import Table from 'cli-table3';
import colours from 'picocolors';

export interface TableOptions {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** Columns, by index, whose cells stand to the right. */
  readonly right?: readonly number[];
}

const plainLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** A table for people: no frame, so that lines can be copied and grepped. */
export function renderTable({ head, rows, right = [] }: TableOptions): string {
  const table = new Table({
    head: head.map((title) => colours.dim(title)),
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    chars: plainLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map(printable)));
  return table.toString();
}

/** What came over the wire must not steer the terminal. */
const printable = (cell: string | number) => String(cell).replace(/\p{Cc}/gu, '?');
