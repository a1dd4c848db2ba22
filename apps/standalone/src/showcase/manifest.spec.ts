import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { computeManifest, differences } from './manifest.js';

const never = new AbortController().signal;

describe('computeManifest', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'nexus-manifest-'));
    await writeFile(join(root, 'a'), 'content');
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('has the digest of each file', async () => {
    const digest = createHash('sha256').update('content').digest('hex');
    expect(await computeManifest({ root, paths: ['a'] }, 'sha256', never)).toEqual(new Map([['a', digest]]));
  });

  it('names the file that cannot be read', async () => {
    const failing = computeManifest({ root, paths: ['a', 'gone'] }, 'sha256', never);
    await expect(failing).rejects.toMatchObject({ code: 'not_found' });
    await expect(failing).rejects.toThrow(join(root, 'gone'));
  });

  it('ends when it is given up', async () => {
    const reason = new Error('given up');
    await expect(computeManifest({ root, paths: ['a'] }, 'sha256', AbortSignal.abort(reason))).rejects.toBe(
      reason,
    );
  });
});

describe('differences', () => {
  it('names what is missing on either side or has another digest, in order', () => {
    const left = new Map([
      ['same', '1'],
      ['other', '1'],
      ['left', '1'],
    ]);
    const right = new Map([
      ['same', '1'],
      ['other', '2'],
      ['right', '1'],
    ]);
    expect(differences(left, right)).toEqual(['left', 'other', 'right']);
  });
});
