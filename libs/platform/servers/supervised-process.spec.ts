import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sweepOrphans } from './orphans.js';
import { isAlive } from './process-table.js';
import { SupervisedProcess } from './supervised-process.js';
import { until } from './until.js';

const readyTimeoutMs = 20_000;

describe('SupervisedProcess', () => {
  let dataDir = '';
  let log: string[] = [];
  const running: SupervisedProcess[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'nexus-supervised-'));
    await mkdir(join(dataDir, 'run'));
    log = [];
  });
  afterEach(async () => {
    for (const supervised of running.splice(0)) await supervised.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const sign = (pid: number) => join(dataDir, `ready-${pid}`);

  /** Starts a program that says by a file that it serves. */
  const start = async (body: string, stopGraceMs = 10_000) => {
    const script = join(dataDir, 'program.mjs');
    const preface = `import { writeFileSync as write } from 'node:fs';\nconst sign = ${JSON.stringify(join(dataDir, 'ready-'))} + process.pid;\n`;
    await writeFile(script, `${preface}${body}\nsetInterval(() => undefined, 60_000);\n`);
    const supervised = await SupervisedProcess.start({
      name: 'worker',
      launch: () => Promise.resolve({ command: process.execPath, args: [script], variables: {} }),
      isReady: ({ pid }) => Promise.resolve(existsSync(sign(pid))),
      logPath: join(dataDir, 'worker.log'),
      recordPath: join(dataDir, 'run', 'worker.json'),
      remember: { script },
      supervise: true,
      log: (line) => log.push(line),
      readyTimeoutMs,
      stopGraceMs,
    });
    running.push(supervised);
    return supervised;
  };

  const pidOf = ({ pid }: SupervisedProcess): number => {
    if (pid === undefined) throw new Error('it does not run');
    return pid;
  };

  it('is started again when it was killed, and says so', async () => {
    const supervised = await start(`write(sign, '');`);
    const first = pidOf(supervised);
    supervised.kill('SIGKILL');
    expect(
      await until(() => Promise.resolve(log.some((line) => line.includes('is back'))), readyTimeoutMs),
    ).toBe(true);
    expect(pidOf(supervised)).not.toBe(first);
    expect(log).toEqual([
      'worker ended unexpectedly (SIGKILL); starting it again',
      `worker is back (pid ${pidOf(supervised)})`,
    ]);
  });

  it('waits before each further start of one that ends as soon as it serves', async () => {
    const marks = join(dataDir, 'marks');
    const supervised = await start(
      `write(${JSON.stringify(marks)}, Date.now() + ' ', { flag: 'a' }); write(sign, ''); setTimeout(() => process.exit(3), 20);`,
    );
    const startedAt = async () => (await readFile(marks, 'utf8')).trim().split(' ').map(Number);
    expect(await until(async () => (await startedAt()).length >= 5, readyTimeoutMs)).toBe(true);
    await supervised.stop();
    const [first = 0, , , , fifth = 0] = await startedAt();
    // None, 100, 200 and 400 ms.
    expect(fifth - first).toBeGreaterThanOrEqual(700);
    expect(log[0]).toBe('worker ended unexpectedly (exit code 3); starting it again');
  });

  it('is asked once to end, and ended by force when it does not', async () => {
    const asked = join(dataDir, 'asked');
    const supervised = await start(
      `process.on('SIGTERM', () => write(${JSON.stringify(asked)}, 'x', { flag: 'a' })); write(sign, '');`,
      500,
    );
    const pid = pidOf(supervised);
    await supervised.stop();
    expect(await isAlive(pid)).toBe(false);
    expect(await readFile(asked, 'utf8')).toBe('x');
    expect(existsSync(join(dataDir, 'run', 'worker.json'))).toBe(false);
  });

  it('tells with the end of its log why it did not start', async () => {
    await expect(start(`console.error('no such port'); process.exit(1);`)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^worker ended while starting; [^]*no such port$/),
    });
    expect(existsSync(join(dataDir, 'run', 'worker.json'))).toBe(false);
  });

  it('is found by its record and ended when an earlier run left it behind, also while it is stopped', async () => {
    const supervised = await start(`write(sign, '');`);
    const pid = pidOf(supervised);
    const record = join(dataDir, 'run', 'worker.json');
    const text = await readFile(record, 'utf8');
    await writeFile(record, text.replace(/"birth":"\d+"/, '"birth":"1"'));
    await sweepOrphans(dataDir, (line) => log.push(line));
    expect(await isAlive(pid)).toBe(true);
    await writeFile(record, text);
    supervised.kill('SIGSTOP');
    const swept = sweepOrphans(dataDir, (line) => log.push(line));
    await swept;
    expect(await isAlive(pid)).toBe(false);
    expect(log).toContain(`ending worker (pid ${pid}) that an earlier run left behind`);
  });
});
