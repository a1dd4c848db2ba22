import { mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareDataDir } from './data-dir.js';

describe('prepareDataDir', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'nexus-data-dir-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes what is missing, and takes what is there', async () => {
    const path = join(folder, 'a', 'b');
    expect(await prepareDataDir(path)).toBe(path);
    expect(await prepareDataDir(path)).toBe(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('may be asked by several at once', async () => {
    const path = join(folder, 'a', 'b');
    const asked = Array.from({ length: 5 }, () => prepareDataDir(path));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([path]));
  });

  it('says in one line that there is a file in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), join(folder, 'file', 'below')]) {
      const refused = prepareDataDir(path);
      await expect(refused).rejects.toMatchObject({ code: 'invalid_argument' });
      await expect(refused).rejects.toThrow(/^the data directory .*file.* cannot be used: [^\n]+$/);
    }
  });

  // Nothing can be made there, and the system says so by a code that elsewhere means a missing parent.
  const inProc = process.platform === 'linux' ? '/proc/nexus/data' : '/dev/null/nexus';
  it('comes back from where no directory can be made', async () => {
    await expect(prepareDataDir(inProc)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
