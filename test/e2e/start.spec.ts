import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { repository, type ServiceProcess, startProcess } from './support/service-process.js';

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
    for (const pid of processesOf(folder)) process.kill(pid, 'SIGKILL');
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
    expect(output).toMatch(/^committed to the decision log: index \d+, term \d+, version \d+$/m);
    expect(output.match(/performance\s+\S+ m?s\s+[0-9a-f]{32}/g)).toHaveLength(4);
    expect(processesOf(folder)).toEqual([]);
  }, 180_000);

  const inputOf = (count: number) => {
    const input = join(folder, 'input');
    mkdirSync(input);
    for (let index = 0; index < count; index++)
      writeFileSync(join(input, `${index}.txt`), `content ${index}`);
    return input;
  };

  it('stays up for the commands that it names, and ends in order on Ctrl-C', async () => {
    const launched = start('--input', inputOf(6), '--agents', '3');
    const natsUrl = await untilReady(launched);
    await eventually('it says that it stays up', () => launched.output().includes('Ctrl-C stops'), 60_000);
    const [, named = ''] = /\nNexus stays up\..*\n([^]*)Ctrl-C stops/.exec(launched.output()) ?? [];
    const lines = named.trim().split(/\s*\n\s*/);
    expect(lines).toEqual([
      'npx nexus status',
      'npx nexus agents',
      expect.stringMatching(/^npx nexus coordinate gather /),
    ]);
    const outputs: string[] = [];
    for (const line of lines) {
      // In the directory of this stack they find it by themselves, as in the default one.
      const env = { NEXUS_DATA_DIR: dataDir, npm_config_update_notifier: 'false' };
      const typed = startProcess({ command: '/bin/sh', args: ['-c', `exec ${line}`], env });
      started.push(typed);
      const { code, stdout, stderr } = await typed.ended;
      expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' });
      outputs.push(stdout);
    }
    expect(outputs[0]).toContain(new URL(natsUrl).host);
    expect(outputs[1]).toContain('agent-01');
    expect(launched.child.exitCode).toBeNull();
    expect(await launched.end('SIGINT')).toBe(0);
    expect(processesOf(folder)).toEqual([]);
  }, 180_000);

  it('ends with 1 and a row for the part that failed when a file is gone before its turn', async () => {
    const input = inputOf(6);
    const launched = start('--once', '--input', input, '--agents', '3');
    await untilReady(launched);
    rmSync(join(input, '4.txt'));
    expect(await exitCode(launched)).toBe(1);
    const summary = launched.output().split('\n').slice(-8).join('\n');
    expect(summary.match(/^✔ /gm)).toHaveLength(3);
    expect(summary.match(/^✘ /gm)).toHaveLength(1);
    expect(summary).toMatch(/^✘ +share out the hashing +not_found: cannot read \S+4\.txt/m);
    expect(processesOf(folder)).toEqual([]);
  }, 120_000);

  it('takes a single file, skips one whose name is no text, and is honest about the killed agent', async () => {
    const input = inputOf(1);
    writeFileSync(Buffer.concat([Buffer.from(`${input}/`), Buffer.from([0x66, 0xff])]), 'unnamed');
    const launched = start('--once', '--input', input, '--agents', '3');
    expect(await exitCode(launched)).toBe(0);
    expect(launched.output()).toContain('skipped 1 unreadable: f\ufffd\n');
    expect(launched.output()).toContain('was killed when nothing of it was under way');
    expect(existsSync(join(dataDir, 'logs', 'nexus.log'))).toBe(true);
  }, 120_000);

  it('ends in order when the terminal interrupts it while the fleet starts', async () => {
    // In a group of its own, which is signalled as a terminal does.
    const child = spawn(
      process.execPath,
      ['scripts/start.mjs', '--data-dir', dataDir, '--input', inputOf(3), '--agents', '20'],
      { cwd: repository, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const ended = once(child, 'exit');
    let written = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (written += String(text)));
    await eventually('the fleet starts', () => written.includes('starting 20 agents') || undefined, 60_000);
    process.kill(-Number(child.pid), 'SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(written).toMatch(/starting 20 agents\n.*stopping\n$/);
    expect(processesOf(folder)).toEqual([]);
  }, 120_000);

  it('ends at once on Ctrl-C while it looks for its input', async () => {
    const git = join(folder, 'bin', 'git');
    mkdirSync(dirname(git));
    writeFileSync(git, `#!/bin/sh\ntouch '${folder}/asked'\nwhile :; do sleep 1; done\n`, { mode: 0o755 });
    const launched = startProcess({
      args: ['scripts/start.mjs', '--data-dir', dataDir],
      env: { PATH: `${dirname(git)}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    started.push(launched);
    await eventually('git is asked', () => existsSync(join(folder, 'asked')), 60_000);
    expect(await launched.end('SIGINT')).toBe(130);
    expect(existsSync(dataDir)).toBe(false);
  }, 120_000);

  it('ends in order when nobody reads its output any more', async () => {
    const launched = start('--once', '--input', inputOf(3), '--agents', '3');
    await untilReady(launched);
    launched.child.stdout?.destroy();
    expect(await exitCode(launched)).toBe(141);
    expect(launched.output()).not.toContain('EPIPE');
    expect(processesOf(folder)).toEqual([]);
  }, 120_000);

  it('ends in order on Ctrl-C, leaves no process, and starts again on the same data', async () => {
    for (let round = 0; round < 2; round++) {
      const launched = start('--no-fleet');
      await untilReady(launched);
      expect(processesOf(dataDir)).toHaveLength(2);
      expect(await launched.end('SIGINT')).toBe(0);
      expect(processesOf(dataDir)).toEqual([]);
    }
  }, 120_000);

  it('keeps a decision log in the data directory, which grows when more replicas are wanted, and never shrinks', async () => {
    const startedWith = async (...args: string[]) => {
      const launched = start('--no-fleet', ...args);
      const client = await NexusClient.connect({ servers: await untilReady(launched) });
      return { launched, client };
    };
    const one = await startedWith();
    const { version } = await one.client.propose({ type: 'put', key: 'kept', value: 'yes' });
    await one.client.close();
    expect(await one.launched.end('SIGINT')).toBe(0);

    const three = await startedWith('--replicas', '3');
    expect(await three.client.read('kept')).toMatchObject({ value: 'yes', version });
    const { replicas } = await three.client.consensusStatus();
    const members = ['consensus-1', 'consensus-2', 'consensus-3'];
    for (const replica of replicas) expect(replica.members.voters.map(String).sort()).toEqual(members);
    await three.client.close();
    expect(await three.launched.end('SIGINT')).toBe(0);
    expect(readdirSync(join(dataDir, 'consensus')).sort()).toEqual(members);

    const fewer = start('--no-fleet', '--replicas', '1');
    expect(await exitCode(fewer)).toBe(1);
    expect(fewer.output()).toMatch(/^nexus: --replicas 1: .* has 3 replicas; start with --replicas 3/m);
    const again = await startedWith();
    expect((await again.client.consensusStatus()).replicas).toHaveLength(3);
    expect(await again.client.read('kept')).toMatchObject({ version });
    await again.client.close();
    expect(await again.launched.end('SIGINT')).toBe(0);
  }, 240_000);

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

  it.each([
    [['--input', '--once'], {}, /^error: option '--input <dir>'.* A directory is wanted/m],
    [['--replicas', '2'], {}, /^error: option '--replicas <n>'.* Allowed choices are 1, 3, 5/m],
    [['--no-fleet', '--input', '.'], {}, /^error: option '--no-fleet' cannot be used with option '--input/m],
    [['--data-dir', '/dev/null/x'], {}, /^nexus: the data directory \/dev\/null\/x cannot be used: /m],
    [
      [],
      { NEXUS_REDIS_URL: 'redis://me:secret@127.0.0.1:1' },
      /^nexus: no Redis serves at redis:\/\/\*\*\*@127/m,
    ],
    [
      [],
      { NEXUS_NATS_SERVER_BIN: '/no-nats', NEXUS_REDIS_SERVER_BIN: '/no-redis' },
      /^nexus: .*\/no-nats\n.*\/no-redis$/m,
    ],
  ])('refuses %j with %j in a line', async (args, env, line) => {
    const launched = startProcess({
      args: ['scripts/start.mjs', '--data-dir', dataDir, ...args],
      env: { ...env },
    });
    started.push(launched);
    const code = await exitCode(launched);
    expect({ code, output: launched.output() }).toEqual({ code: 1, output: expect.stringMatching(line) });
  });
});

/** Processes whose command line names the directory. */
function processesOf(directory: string): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.includes(`${directory}/`))
    .map((line) => Number.parseInt(line, 10));
}
