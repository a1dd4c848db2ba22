import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { durationReader, readDuration } from './duration.js';
import { readJson } from './json.js';
import { collect, readCount, readIds, readNumber, readWhole } from './numbers.js';
import { refuseMisplaced } from './misplaced-option.js';
import { refuseRepeats } from './repeated-option.js';
import { readSource } from './text-source.js';
import { readToken } from './token.js';

describe('readDuration', () => {
  it.each([
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['2m', 120_000],
    ['5000', 5_000],
    ['600000', 600_000],
  ])('reads %s', (text, ms) => expect(readDuration(text)).toBe(ms));

  it.each(['', 's', '5 s', '-1', '1h', '1e3', '0', '601s', '0.1ms', 'NaN'])('refuses "%s"', (text) =>
    expect(() => readDuration(text)).toThrow(),
  );
});

describe('durationReader', () => {
  const read = durationReader({ minMs: 0, maxMs: 86_400_000 });

  it('reads times within its bounds', () =>
    expect([read('0'), read('1h'), read('24h')]).toEqual([0, 3_600_000, 86_400_000]));

  it('refuses what is longer', () => expect(() => read('25h')).toThrow('0ms to 86400s'));
});

describe('readNumber', () => {
  const read = readNumber(0, 1);

  it('reads numbers within its bounds', () =>
    expect([read('0'), read('0.25'), read('1')]).toEqual([0, 0.25, 1]));

  it.each(['-0.1', '1.1', '1e-3', '.5', '', 'NaN', 'Infinity'])('refuses "%s"', (text) =>
    expect(() => read(text)).toThrow('A number from 0 to 1.'),
  );
});

describe('readCount', () => {
  const read = readCount(2, 20);

  it('reads whole numbers within its bounds', () => expect([read('2'), read('20')]).toEqual([2, 20]));

  it.each(['1', '21', '2.5', '', ' ', 'x', '0x10'])('refuses "%s"', (text) =>
    expect(() => read(text)).toThrow(),
  );
});

describe('readWhole', () => {
  it('leaves the bounds to whoever knows them', () => expect(readWhole('100000')).toBe(100_000));

  it.each(['many', '-1', '1.5', ''])('refuses "%s"', (text) => expect(() => readWhole(text)).toThrow());
});

describe('readToken', () => {
  it('reads a token of a subject', () => expect(readToken('fleet_2-b')).toBe('fleet_2-b'));

  it.each(['a b', 'a.b', '*', '>', '', 'x'.repeat(65)])('refuses "%s"', (text) =>
    expect(() => readToken(text)).toThrow('A-Z a-z 0-9 _ -'),
  );
});

describe('refuseRepeats', () => {
  const command = (...args: string[]) =>
    refuseRepeats(
      new Command()
        .option('--group <group>')
        .option('--ids <ids>', '', readIds)
        .option('--option <text>', '', collect)
        .option('--json'),
    )
      .exitOverride()
      .configureOutput({ outputError: () => undefined })
      .parse(args, { from: 'user' })
      .opts();

  it('refuses a second value where one is kept', () => {
    expect(() => command('--group', 'a', '--group=b')).toThrow("option '--group <group>' is given twice");
  });

  it('leaves alone what collects its values, and what has none', () => {
    const args = ['--ids', 'a', '--ids', 'b', '--option', 'x', '--option', 'y', '--json', '--json'];
    expect(command('--group', 'g', ...args)).toEqual({
      group: 'g',
      ids: ['a', 'b'],
      option: ['x', 'y'],
      json: true,
    });
  });
});

describe('readIds', () => {
  it('takes commas and repetition', () => expect(readIds('b, c,', ['a'])).toEqual(['a', 'b', 'c']));
});

describe('readJson', () => {
  it('names the option and how a text is written', () => {
    expect(() => readJson('hello', '--payload')).toThrow(/^--payload is not JSON: .*'"text"'/);
  });
});

describe('readSource', () => {
  it('takes the text itself', async () =>
    expect(await readSource('{"a":1}', Readable.from([]))).toBe('{"a":1}'));

  it('reads standard input', async () => {
    expect(await readSource('-', Readable.from([Buffer.from('že'), Buffer.from('na')]))).toBe('žena');
  });

  it('reads a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-source-'));
    try {
      await writeFile(join(folder, 'a.json'), '[1]');
      expect(await readSource(`@${join(folder, 'a.json')}`, Readable.from([]))).toBe('[1]');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses what cannot be read, and what never ends', async () => {
    await expect(readSource('@/nowhere', Readable.from([]))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    const endless = function* () {
      for (;;) yield Buffer.alloc(1_048_576);
    };
    await expect(readSource('-', Readable.from(endless()))).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });
});

describe('refuseMisplaced', () => {
  const command = (...args: string[]) => {
    const child = new Command('train').option('--json').action(() => undefined);
    refuseMisplaced(new Command().enablePositionalOptions().option('--json').addCommand(child))
      .exitOverride()
      .configureOutput({ outputError: () => undefined })
      .parse(args, { from: 'user' });
    return child.opts();
  };

  it('refuses an option that the subcommand would not see', () => {
    expect(() => command('--json', 'train')).toThrow("write option '--json' after train");
  });

  it('leaves those of the subcommand to it', () =>
    expect(command('train', '--json')).toEqual({ json: true }));
});
