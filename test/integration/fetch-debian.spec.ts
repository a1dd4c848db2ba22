import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { infraDir } from '@nexus/testing';
import type { Fetched } from '../../libs/platform/servers/fetch-debian.js';

// Real packages from the mirror of this machine, fetched by a process without rights.

const fetchModule = join(infraDir(), '..', 'dist/libs/platform/servers/fetch-debian.js');
const fetchTimeoutMs = 120_000;
const aptTimeoutMs = 30_000;
const nobody = 65_534;

/** Who fetches: a superuser lends the process to one without rights, if such a one can read the build at all. */
const rights = ((): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  try {
    const looking = `require('node:fs').accessSync(${JSON.stringify(fetchModule)})`;
    execFileSync(process.execPath, ['-e', looking], { uid: nobody, gid: nobody, stdio: 'ignore' });
    return { uid: nobody, gid: nobody };
  } catch {
    return {};
  }
})();

/** Why there is nothing to fetch, as apt tells whoever fetches; undefined when it can fetch the servers. */
async function obstacle(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-apt-'));
  chmodSync(folder, 0o777);
  try {
    const packages = ['nats-server', 'redis-server', 'redis-tools'];
    const options = { ...rights, cwd: folder, timeout: aptTimeoutMs };
    await promisify(execFile)('apt-get', ['download', '-q', ...packages], options);
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reason = await obstacle();
if (reason !== undefined) process.stderr.write(`fetchDebian is not tested here: ${reason}\n`);

describe('fetchDebian', () => {
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'nexus-fetch-')));
    chmodSync(folder, 0o777);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('fetches servers that run, and installs nothing', async () => {
    if (reason !== undefined) return;
    const binDir = join(folder, 'bin');
    const installed = execFileSync('dpkg-query', ['-W'], { encoding: 'utf8' });
    const fetched = await Promise.all(
      (['nats', 'redis'] as const).map((kind) => fetchWithoutRights(kind, binDir)),
    );
    const versions = fetched.map((outcome) => {
      if (outcome.kind === 'failed') throw new Error(outcome.reason);
      const { path, libraryPath = '' } = outcome.binary;
      expect(path.startsWith(`${binDir}/`)).toBe(true);
      return execFileSync(path, ['--version'], { encoding: 'utf8', env: { LD_LIBRARY_PATH: libraryPath } });
    });
    expect(versions).toEqual([
      expect.stringMatching(/^nats-server: v\d+\.\d+/),
      expect.stringMatching(/^Redis server v=\d+\.\d+/),
    ]);
    expect(execFileSync('dpkg-query', ['-W'], { encoding: 'utf8' })).toBe(installed);
    expect(readdirSync(binDir).sort()).toEqual(['nats', 'redis']);
  }, 180_000);
});

/** Runs it in a process of its own, which prints what came of it. */
async function fetchWithoutRights(kind: 'nats' | 'redis', binDir: string): Promise<Fetched> {
  const program = `
    import { fetchDebian } from ${JSON.stringify(fetchModule)};
    const environment = { path: process.env.PATH, binaries: {} };
    const fetched = await fetchDebian(${JSON.stringify(kind)}, { environment, binDir: ${JSON.stringify(binDir)}, log: () => {} });
    process.stdout.write(JSON.stringify(fetched));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    ...rights,
    timeout: fetchTimeoutMs,
  });
  return JSON.parse(stdout) as Fetched;
}
