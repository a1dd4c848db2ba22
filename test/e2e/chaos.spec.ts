import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Report } from '../../trials/chaos/consensus/report/report.js';
import { type Ended, startProcess } from './support/service-process.js';

// The demonstration itself, in small: real replicas on a broker of their own, broken and judged.

const entry = 'dist/trials/chaos/consensus/main.js';
/** A pause, a kill and a cut of the leader. */
const seed = '541';

const run = (...args: readonly string[]) => startProcess({ args: [entry, ...args], env: {} });

/** The folder that a run says it works in. */
const folderOf = (output: string): string => / in (\S*nexus-chaos-\S+)/.exec(output)?.[1] ?? '';

/** Processes whose command line or working files name the folder. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    pids.map(async (pid) => {
      // Processes end while they are looked at.
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      return `${await read('cmdline')}\0${await read('environ')}`;
    }),
  );
  return texts.filter((text) => text.includes(folder)).map((text) => text.slice(0, 200));
}

const reportOf = ({ stdout }: Ended) => JSON.parse(stdout) as Report;

/** A run that found something says on standard error how it came to it. */
const expectGood = ({ code, stdout, stderr }: Ended) =>
  expect({ code, told: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, told: '' });

describe('nexus chaos consensus', () => {
  it('pauses, kills and cuts off leaders, and finds nothing lost', async () => {
    const ended = await run('--rounds', '3', '--seed', seed, '--json').ended;
    expectGood(ended);
    const { rounds, judgement, failure, terms, operations, leaderKilled } = reportOf(ended);
    expect(rounds.map(({ kind }) => kind)).toEqual(['pause leader', 'kill leader', 'cut off leader']);
    expect(failure).toBeNull();
    expect(judgement).toMatchObject({
      lost: [],
      linearizability: { kind: 'linearizable', operations: operations.recorded },
      outOfOrder: 0,
      stateDifferences: [],
      logs: { differences: [] },
    });
    expect(judgement?.acknowledged).toBeGreaterThan(0);
    expect(judgement?.logs.compared).toBeGreaterThan(0);
    expect(terms.last).toBeGreaterThan(terms.first);
    expect(leaderKilled).toMatchObject({ count: 1, goal: { p50Ms: 450, p99Ms: 1_000 } });
    expect(existsSync(folderOf(ended.stderr))).toBe(false);
  }, 120_000);

  it('lets neither a leader nor a holder of a lease act on what it missed in a pause', async () => {
    const play = async (name: string) => {
      const ended = await run('--scenario', name, '--rounds', '1', '--json').ended;
      expectGood(ended);
      return reportOf(ended).scenario;
    };
    const leader = await play('paused-leader');
    expect(leader).toMatchObject({ facts: { 'times the leader was paused': 1 }, violations: [] });
    // Of a leader that says nothing nothing could be found.
    const { 'answered when it woke': answered, 'refused when it woke': refused } = leader!.facts;
    expect(answered! + refused!).toBeGreaterThan(0);
    const holder = await play('paused-holder');
    expect(holder?.violations).toEqual([]);
    expect(holder?.facts['refused afterwards']).toBeGreaterThan(0);
  }, 120_000);

  it('stays calm while nothing is broken, and claims nothing of histories that nobody wrote', async () => {
    const { code, stdout, stderr } = await run('--faults', 'none', '--duration', '3s', '--load', 'none')
      .ended;
    // A machine that stalls long enough has its election; then the run must say so, and fail.
    const elections = Number(/while nothing was broken: (\d+)/.exec(stdout)?.[1]);
    const verdict =
      elections === 0
        ? 'verdict: calm: 0 elections; no history was judged'
        : `verdict: VIOLATED: ${elections} elections while nothing was broken`;
    expect({ code, told: stderr + stdout }).toEqual({
      code: elections === 0 ? 0 : 1,
      told: expect.stringContaining(verdict),
    });
    expect(stdout).toMatch(/longest stall of an event loop: consensus-1 [1-9]/);
    expect(stdout).not.toContain('linearizable');
  }, 120_000);

  it('leaves no process behind when it is interrupted', async () => {
    const trial = run('--rounds', '50', '--faults', 'pause');
    await eventually('a round was played', () => trial.output().includes('round 1/50'), 60_000);
    const folder = folderOf(trial.output());
    expect((await processesOf(folder)).length).toBeGreaterThan(3);
    expect(await trial.end('SIGINT')).toBe(130);
    await eventually('they are gone', async () => (await processesOf(folder)).length === 0);
    expect(existsSync(folder)).toBe(false);
  }, 120_000);
});
