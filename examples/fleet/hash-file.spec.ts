import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashFile, hashTaskOf } from './hash-file.js';

const never = new AbortController().signal;
let folder: string;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-hash-'));
  root = join(folder, 'root');
  await mkdir(join(root, 'sub'), { recursive: true });
  await writeFile(join(root, 'sub', 'file'), 'content');
  await writeFile(join(root, '..file'), 'oddly named');
  await writeFile(join(folder, 'secret'), 'secret');
  await symlink(join(folder, 'secret'), join(root, 'link'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('hashFile', () => {
  it('gives the digest and the size of a file below the root', async () => {
    const digest = createHash('sha256').update('content').digest('hex');
    const task = { path: 'sub/file', hash: 'sha256' };
    expect(await hashFile(root, task, never)).toEqual({ ...task, digest, bytes: 7 });
    expect(await hashFile(root, { path: '..file', hash: 'sha256' }, never)).toMatchObject({ bytes: 11 });
  });

  it.each(['../secret', '/etc/passwd', 'sub/../../secret', 'link', '..', '.'])(
    'refuses %s, which leaves the root',
    async (path) => {
      await expect(hashFile(root, { path, hash: 'sha256' }, never)).rejects.toMatchObject({
        code: 'forbidden',
      });
    },
  );

  it('names a file that is not there, and a directory', async () => {
    const hash = 'sha256';
    await expect(hashFile(root, { path: 'none', hash }, never)).rejects.toMatchObject({ code: 'not_found' });
    await expect(hashFile(root, { path: 'sub', hash }, never)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});

describe('hashTaskOf', () => {
  it('takes SHA-256 where no hash is named', () => {
    expect(hashTaskOf({ path: 'a' })).toEqual({ path: 'a', hash: 'sha256' });
  });

  it.each([null, 'x', {}, { path: 1, hash: 'sha256' }, { path: 'a', hash: 'rot13' }])(
    'refuses %j',
    (payload) => {
      expect(() => hashTaskOf(payload)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    },
  );
});
