import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { coloursFor } from './colours.js';
import { formatBytes, formatDuration } from './figures.js';
import { printable, shorten } from './printable.js';
import { renderTable } from './table.js';
import { coloursForced } from './terminal.config.js';

const plain = picocolors.createColors(false);

describe('formatDuration', () => {
  it.each([
    [0, '0.0 ms'],
    [3.24, '3.2 ms'],
    [4_100, '4.1 s'],
    [125_000, '2 min 5 s'],
    [3 * 3_600_000 + 61_000, '3 h 1 min'],
    [86_400_000 * 2 + 3_600_000, '2 d 1 h'],
  ])('shows %d ms in the units that fit', (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_400_000, '1.4 MB'],
    [5e15, '5000.0 TB'],
  ])('shows %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('printable', () => {
  it('leaves nothing that steers a terminal', () => {
    expect(printable('a\u001b[31mb\nc\u009b2J\u202ed')).toBe('a?[31mb?c?2J?d');
  });

  it('leaves letters of every script alone', () => expect(printable('žluťoučký 猫')).toBe('žluťoučký 猫'));
});

describe('shorten', () => {
  it('marks what it cuts', () => {
    expect(shorten('abcdef', 4)).toBe('abc…');
    expect(shorten('abcd', 4)).toBe('abcd');
  });
});

describe('renderTable', () => {
  it('aligns columns without a frame or trailing blanks', () => {
    const table = renderTable({
      head: ['id', 'count', 'note'],
      rows: [
        ['a', 1, ''],
        ['long-id', 12_345, 'x'],
      ],
      right: [1],
      colours: plain,
    });
    expect(table.split('\n')).toEqual(['id       count  note', 'a            1', 'long-id  12345  x']);
  });

  it('neutralises what came over the wire, also in a cell with a tone', () => {
    const rows = [['\u001b[2J', { text: 'up\u001b[0m', tone: 'good' as const }]];
    expect(renderTable({ head: ['a', 'b'], rows, colours: plain })).toContain('?[2J  up?[0m');
  });

  it('colours by tone', () => {
    const rows = [[{ text: 'up', tone: 'good' as const }]];
    const table = renderTable({ head: ['a'], rows, colours: picocolors.createColors(true) });
    expect(table).toContain('\u001b[32mup\u001b[39m');
  });
});

describe('colours', () => {
  it('are off on a stream that is no terminal', () => {
    expect(coloursFor({ isTTY: false }).red('x')).toBe(coloursForced() ? '\u001b[31mx\u001b[39m' : 'x');
  });

  it('are forced by FORCE_COLOR alone', () => {
    expect(['1', 'true', '0', '', undefined].map((value) => coloursForced({ FORCE_COLOR: value }))).toEqual([
      ...[true, true, false, false, false],
    ]);
  });
});
