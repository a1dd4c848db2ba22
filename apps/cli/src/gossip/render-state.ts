import { type Clock, type SharedKey } from '@nexus/contracts';
import { type Cell, type Colours, printable, renderTable, shorten } from '@nexus/platform/terminal';
import { renderFacts } from '../consensus/facts.js';
import { dataText } from '../coordinate/data-text.js';
import { type StateSeen } from './ask-gossip.js';

const clockCharsMax = 40;
const namesMax = 5;

/** The shared keys for people, a value a line, and whether all members know them. */
export function renderState(state: StateSeen, paint: Colours): string {
  const head = renderFacts(
    [
      ['seen by', state.self],
      ['converged', convergenceText(state)],
    ],
    paint,
  );
  if (state.keys.length === 0) return `${head}\n\n${paint.dim('no key is shared')}`;
  return `${head}\n\n${renderKeys(state.keys, paint)}`;
}

/** Whether all know the same, in a few words. */
export function convergenceText({ converged, versions, waitingFor }: StateSeen): string {
  if (converged) return `yes, ${counted(Object.keys(versions).length)}`;
  const more = waitingFor.length > namesMax ? ` and ${waitingFor.length - namesMax} more` : '';
  return `no, waiting for ${waitingFor.slice(0, namesMax).join(', ') || 'the next round'}${more}`;
}

const counted = (members: number) => (members === 1 ? '1 member' : `${members} members`);

/** Keys, a value a line: siblings stand below each other. */
export const renderKeys = (keys: readonly SharedKey[], colours: Colours): string =>
  renderTable({ head: ['KEY', 'VALUE', 'BY', 'CLOCK'], rows: keys.flatMap(rowsOf), colours });

const rowsOf = ({ key, values, conflict }: SharedKey): Cell[][] =>
  values.map(({ value, by, clock }, index) => [
    index > 0 ? '' : conflict ? { text: `${key} (conflict)`, tone: 'warning' } : key,
    dataText(value),
    by,
    shorten(clockText(clock), clockCharsMax),
  ]);

/** @internal exported for its spec */
export const clockText = (clock: Clock): string =>
  Object.entries(clock)
    .map(([member, count]) => `${printable(member)}:${count}`)
    .join(' ') || '-';
