import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inputFiles } from './input-files.js';

/** A name of Linux that is no text in UTF-8. */
const nameless = Buffer.from([0x66, 0xff, 0x66]);
/** The superuser reads everything, so that nothing is unreadable for its mode. */
const isSuperuser = process.getuid?.() === 0;

describe('inputFiles', () => {
  let root = '';
  const below = (name: Buffer) => Buffer.concat([Buffer.from(`${root}/`), name]);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'nexus-input-'));
    await mkdir(join(root, 'sub'));
    await writeFile(join(root, 'sub', 'b'), 'b');
    await writeFile(join(root, 'a'), 'a');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('lists the files below a directory, sorted', async () => {
    expect(await inputFiles(root, '/')).toEqual({ root, name: root, paths: ['a', 'sub/b'], skipped: [] });
  });

  it('skips what has a name that is no text, and says so', async () => {
    await writeFile(below(nameless), 'x');
    await mkdir(below(Buffer.concat([nameless, nameless])));
    const { paths, skipped } = await inputFiles(root, '/');
    expect(paths).toEqual(['a', 'sub/b']);
    expect(skipped).toEqual(['f\ufffdf', 'f\ufffdff\ufffdf/']);
  });

  it('skips what may not be read, and says so', async () => {
    await chmod(join(root, 'a'), 0o000);
    await writeFile(join(root, 'c'), 'c');
    await chmod(join(root, 'sub'), 0o000);
    const { paths, skipped } = await inputFiles(root, '/');
    expect([paths, skipped]).toEqual(isSuperuser ? [['a', 'c', 'sub/b'], []] : [['c'], ['a', 'sub/']]);
    await chmod(join(root, 'sub'), 0o700);
  });

  it('refuses more files than are taken, wherever they lie', async () => {
    expect((await inputFiles(root, '/', 2)).paths).toHaveLength(2);
    for (const filesMax of [0, 1]) {
      await expect(inputFiles(root, '/', filesMax)).rejects.toThrow(`more than ${filesMax} files`);
    }
  });

  it('refuses a directory without a file, and one that is not there', async () => {
    await mkdir(join(root, 'empty'));
    for (const name of ['empty', 'nowhere', 'a']) {
      await expect(inputFiles(join(root, name), '/')).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });
});
