import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type ServiceProcess, startProcess } from './support/service-process.js';

const readyLine = /^nexus ready nats=(nats:\/\/\S+) redis=(redis:\/\/\S+)$/m;

describe('npm start', () => {
  let folder: string;
  let dataDir: string;
  const started: ServiceProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nexus-start-'));
    dataDir = join(folder, 'data');
  });
  afterEach(async () => {
    for (const process of started.splice(0)) await process.end('SIGKILL');
    for (const pid of processesOf(dataDir)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (...args: string[]) => {
    const launched = startProcess({
      args: ['scripts/start.mjs', '--data-dir', dataDir, ...args],
      env: {},
    });
    started.push(launched);
    return launched;
  };

  const untilReady = (launched: ServiceProcess) =>
    eventually('the stack is ready', () => readyLine.exec(launched.output())?.[1], 60_000);

  const exitCode = ({ child }: ServiceProcess) =>
    eventually('the process ends', () => child.exitCode ?? undefined, 120_000);

  it('shows the four goal types on real files, survives a killed agent, and ends with 0', async () => {
    const input = join(folder, 'input');
    mkdirSync(join(input, 'deep', 'er'), { recursive: true });
    for (let index = 0; index < 60; index++) {
      writeFileSync(join(input, index % 2 ? 'deep' : 'deep/er', `file ${index}.txt`), `content ${index}`);
    }
    const launched = start('--once', '--input', input);
    expect(await exitCode(launched)).toBe(0);
    const output = launched.output();
    expect(output).toMatch(readyLine);
    expect(output).toContain('12 of 12 agents acknowledged');
    expect(output).toContain('killed (SIGKILL)');
    expect(output).toContain('60 files, each once, manifest identical');
    expect(output.match(/foundation\s+\S+ m?s\s+[0-9a-f]{32}/g)).toHaveLength(4);
    expect(processesOf(dataDir)).toEqual([]);
  }, 180_000);

  it('ends in order on Ctrl-C, leaves no process, and starts again on the same data', async () => {
    for (let round = 0; round < 2; round++) {
      const launched = start('--no-fleet');
      await untilReady(launched);
      expect(processesOf(dataDir)).toHaveLength(2);
      expect(await launched.end('SIGINT')).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);
    }
  }, 120_000);

  it('refuses a second start on the same data, saying who has it', async () => {
    const first = start('--no-fleet');
    const natsUrl = await untilReady(first);
    const second = start('--no-fleet');
    expect(await exitCode(second)).toBe(1);
    expect(second.output()).toContain(String(first.child.pid));
    expect(second.output()).toContain(natsUrl);
    expect(await first.end('SIGTERM')).toBe(0);
  }, 120_000);

  it('sweeps what a killed run left behind', async () => {
    const first = start('--no-fleet');
    await untilReady(first);
    await first.end('SIGKILL');
    const orphans = processesOf(dataDir);
    expect(orphans).toHaveLength(2);
    const second = start('--no-fleet');
    await untilReady(second);
    expect(processesOf(dataDir).filter((pid) => orphans.includes(pid))).toEqual([]);
    expect(await second.end('SIGINT')).toBe(0);
  }, 120_000);

  it('says in a line what is wrong with its input or its servers, and ends with 1', async () => {
    const noInput = start('--once', '--input', join(folder, 'nowhere'));
    expect(await exitCode(noInput)).toBe(1);
    expect(noInput.output()).toMatch(/^nexus: --input: cannot read .*nowhere/m);
    const launched = startProcess({
      args: ['scripts/start.mjs', '--data-dir', dataDir, '--no-fleet'],
      env: { NEXUS_NATS_SERVER_BIN: join(folder, 'no-such-server') },
    });
    started.push(launched);
    expect(await exitCode(launched)).toBe(1);
    expect(launched.output()).toMatch(/^nexus: .*no-such-server/m);
  }, 120_000);
});

/** Processes whose command line names the directory. */
function processesOf(directory: string): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.includes(`${directory}/`))
    .map((line) => Number.parseInt(line, 10));
}
