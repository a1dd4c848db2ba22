import { describe, expect, it } from '@jest/globals';
import { ReplicatedState } from '@nexus/core/replicated-state';
import { type Entry, type Snapshot } from '@nexus/core/raft';
import { encodeImage } from './image-codec.js';
import { decodeProposal, encodeProposal } from './proposal-codec.js';
import { StateMachine } from './state-machine.js';

const entryAt = (index: number): Extract<Entry, { kind: 'command' }> => ({
  ...{ index, term: 1, kind: 'command' },
  command: encodeProposal({ atMs: index, command: { type: 'put', key: `k.${index % 7}`, value: index } }),
});

const entries = (first: number, last: number): Entry[] =>
  Array.from({ length: last - first + 1 }, (_, n) => entryAt(first + n));

function stateAt(index: number): ReplicatedState {
  const state = new ReplicatedState();
  for (let at = 1; at <= index; at += 1) state.apply(entryAt(at), decodeProposal(entryAt(at).command));
  return state;
}

function snapshotAt(index: number): Snapshot {
  const steps = encodeImage(stateAt(index).capture());
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return { index, term: 1, configuration: { voters: [], learners: [] }, image: step.value };
}

function startMachine() {
  const applied: number[] = [];
  const restored: number[] = [];
  const machine = new StateMachine(null, {
    applied: ({ index }) => applied.push(index),
    changed: () => undefined,
    restored: (index) => restored.push(index),
  });
  const finish = () => {
    for (let parts = 0; machine.busy && parts < 1_000; parts += 1) machine.proceed('small');
  };
  return { machine, applied, restored, finish };
}

describe('StateMachine', () => {
  it('applies what waits in order, whatever comes between its parts', () => {
    const { machine, applied, finish } = startMachine();
    machine.commit(entries(1, 200));
    machine.proceed('small');
    expect(applied.length).toBeLessThan(200);
    machine.commit(entries(201, 300));
    machine.proceed('small');
    machine.commit(entries(301, 310));
    finish();
    expect(applied).toEqual(entries(1, 310).map(({ index }) => index));
    expect(machine.state.image()).toEqual(stateAt(310).image());
  });

  it('forgets what waits when an image takes its place', () => {
    const { machine, applied, restored, finish } = startMachine();
    machine.commit(entries(1, 200));
    machine.proceed('small');
    const before = applied.length;
    machine.replace(snapshotAt(300));
    expect(machine.committedIndex).toBe(300);
    machine.commit(entries(301, 302));
    expect(machine.committedIndex).toBe(302);
    finish();
    expect(restored).toEqual([300]);
    expect(applied.slice(before)).toEqual([301, 302]);
    expect(machine.state.image()).toEqual(stateAt(302).image());
  });

  it('forgets an image that is not restored yet, and what followed it, when a newer one comes', () => {
    const { machine, applied, restored, finish } = startMachine();
    machine.replace(snapshotAt(300));
    machine.commit(entries(301, 310));
    machine.proceed('small');
    expect(machine.busy).toBe(true);
    machine.replace(snapshotAt(400));
    machine.commit(entries(401, 401));
    finish();
    expect(restored).toEqual([400]);
    expect(applied).toEqual([401]);
    expect(machine.index).toBe(401);
    expect(machine.state.image()).toEqual(stateAt(401).image());
  });
});
