import { describe, expect, it, jest } from '@jest/globals';
import { Raft } from '@nexus/core/raft';
import { LogClock, ReplicatedState } from '@nexus/core/replicated-state';
import { shrinkSeed } from '../simulation.js';
import { itKeepsItsPromises } from '../testdata/promises.js';
import { Load } from './load.js';
import { raftSimulation } from './run-seed.js';
import { scenarioOf } from './scenario.js';
import { World } from './world.js';

const cores = { Raft, ReplicatedState, LogClock };
const simulation = raftSimulation(cores);

const exercised = [
  ...['raft: elections won', 'raft: candidacies', 'raft: truncations', 'raft: compactions'],
  ...['raft: snapshots installed', 'raft: transfers asked'],
  ...['membership: add_learner', 'membership: promote', 'membership: remove'],
  ...['network: lost', 'network: duplicated', 'network: reordered', 'network: cut off'],
  ...['disk: lost', 'disk: lost writes', 'disk: torn writes', 'disk: full', 'disk: failed flushes'],
  ...['fault: crash', 'fault: pause', 'fault: skew', 'fault: storm'],
  ...['fault: partition both', 'fault: partition in', 'fault: partition out'],
  ...['fault: disk slow', 'fault: disk stalled', 'fault: disk full', 'fault: disk failing'],
  ...['member: stopped, disk full', 'member: stopped, disk failing'],
  ...['answers: proposals', 'answers: reads', 'gateway: retries', 'recovery: done'],
  ...['state: repeats', 'state: session_unknown', 'state: stale_repeat', 'state: expire done'],
  ...['refused: not_leader', 'refused: transferring', 'refused: overloaded', 'refused: change_pending'],
  ...['refused: not_caught_up'],
];

describe('Raft in a simulated world', () => {
  const runs = itKeepsItsPromises({ simulation, command: 'npm run sim --', seeds: 100, exercised });

  it('comes to an answer in nearly every run: a quorum was left, and was healed', () => {
    expect(runs.coverage.of('recovery: done')).toBeGreaterThan(0.97 * runs.results.length);
  });

  it('keeps its lines when it is asked to, and only then', () => {
    expect(simulation.run(5, { keepsLines: true }).lines.length).toBeGreaterThan(100);
    expect(runs.results[4]!.lines).toEqual([]);
  });
});

describe('the clock of the log in a simulated world', () => {
  const stepped = (factor: number) => {
    const fault = { kind: 'skew', node: 's1', factor } as const;
    return { ...scenarioOf(1), membersAtFirst: 1, steps: [{ number: 0, atMs: 0, forMs: 4_000, fault }] };
  };
  /** What the state machine of one member shows after two seconds of load. */
  const clockAfter = (factor: number) => {
    const world = new World({ scenario: stepped(factor), cores, keepsLines: false });
    const stamps = jest.spyOn(world.context.table, 'encode');
    const load = new Load(world);
    world.context.timeline.run(2_000);
    load.stop();
    return Math.max(...stamps.mock.calls.map(([{ atMs }]) => atMs));
  };

  it('is the one of who leads, however fast or slow that runs', () => {
    expect(clockAfter(2.5)).toBeGreaterThan(4_000);
    expect(clockAfter(0.4)).toBeLessThan(800);
  });
});

describe('the hash of a trace', () => {
  class Chatty extends ReplicatedState {
    static override restore(...restored: Parameters<typeof ReplicatedState.restore>): Chatty {
      return Object.setPrototypeOf(super.restore(...restored), Chatty.prototype) as Chatty;
    }
    override apply(...[position, proposal]: Parameters<ReplicatedState['apply']>) {
      const applied = super.apply(position, proposal);
      const { outcome } = applied;
      return outcome.kind === 'done' ? applied : { ...applied, outcome: { ...outcome, message: 'no' } };
    }
  }
  class Marked extends ReplicatedState {
    override image() {
      return { ...super.image(), mark: 1 };
    }
  }

  it.each([
    ['an outcome', Chatty],
    ['an image', Marked],
  ])('tells runs apart that differ in %s alone', (_, State) => {
    const { hash, violation } = raftSimulation({ ...cores, ReplicatedState: State }).run(3);
    expect(violation).toBeNull();
    expect(hash).not.toBe(simulation.run(3).hash);
  });

  it('tells runs apart that differ in what the entries say alone', () => {
    const { hash } = new World({ scenario: scenarioOf(1), cores, keepsLines: false }).context.trace;
    const hashes = [1, 2].map((value) => {
      const { table, trace } = new World({ scenario: scenarioOf(1), cores, keepsLines: false }).context;
      table.encode({ atMs: 0, command: { type: 'put', key: 'a', value } });
      return trace.hash;
    });
    expect(new Set([hash, ...hashes]).size).toBe(3);
  });
});

describe('a run that breaks a promise', () => {
  /** Forgets at a restart that it ever voted. */
  class Forgetful extends Raft {
    constructor(...[options, durable]: ConstructorParameters<typeof Raft>) {
      super(options, { ...durable, hardState: { ...durable.hardState, votedFor: null } });
    }
  }
  /** Sends everything at once, whatever it is to wait for. */
  class Hasty extends Raft {
    override step(...[inputs]: Parameters<Raft['step']>): ReturnType<Raft['step']> {
      const effects = super.step(inputs);
      return { ...effects, messages: effects.messages.map((message) => ({ ...message, afterWrite: 0 })) };
    }
  }
  const hasty = raftSimulation({ ...cores, Raft: Hasty });

  it('is reported by the promise, and again by the same seed', () => {
    const { violation, hash } = hasty.run(1);
    expect(violation?.invariant).toBe('nothing is sent before what it implies is durable');
    expect(hasty.run(1)).toMatchObject({ violation, hash });
  });

  it('is shrunk to the steps that it takes', () => {
    const forgetful = raftSimulation({ ...cores, Raft: Forgetful });
    const isBroken = (seed: number) => forgetful.run(seed).violation !== null;
    const failing = Array.from({ length: 400 }, (_, seed) => seed).find(isBroken)!;
    const shrunk = shrinkSeed(forgetful, failing);
    expect(shrunk.length).toBeLessThan(scenarioOf(failing).steps.length);
    expect(shrunk.map(({ text }) => text).join('\n')).toContain('crashes');
    const numbers = shrunk.map(({ number }) => number);
    expect(forgetful.run(failing, { steps: numbers }).violation).not.toBeNull();
  });

  it('has nothing to shrink when no promise is broken', () => {
    expect(shrinkSeed(simulation, 1)).toEqual([]);
  });
});
