import { afterEach, describe, expect, it } from '@jest/globals';
import { type MemberId } from '@nexus/core/raft';
import { Steward } from './steward.js';
import { InMemoryGroup } from './testdata/in-memory-group.js';

const replaceAfterMs = 2_000;

let group: InMemoryGroup;
let stewards: Steward[];

async function startGroup(...voters: string[]): Promise<void> {
  group = await InMemoryGroup.start(...voters);
  stewards = [...group.posts.values()].map((post) => new Steward(post, replaceAfterMs, group.clock));
}

afterEach(async () => {
  for (const steward of stewards) steward.stop();
  await group.stop();
});

const voters = () => group.leader.replica.configuration.voters;

/** Time passes while newcomers say hello again and again. */
async function passWith(durationMs: number, ...newcomers: string[]): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += 100) {
    for (const newcomer of newcomers) group.hello(newcomer);
    await group.clock.pass(100);
  }
}

const followers = (): MemberId[] => group.followers.map(({ replica }) => replica.self);
const successorOf = (member: MemberId) => `${member.split('.')[0]}.2`;

describe('Steward', () => {
  it('gives a place to the successor of a member that is gone', async () => {
    await startGroup('a.1', 'b.1', 'c.1');
    const [gone, stays] = followers() as [MemberId, MemberId];
    group.cut.add(gone);
    await group.join(successorOf(gone));
    await passWith(4_000, successorOf(gone));
    expect(voters()).toEqual([group.leader.replica.self, stays, successorOf(gone)].sort());
    expect(group.leader.replica.configuration.learners).toEqual([]);
  });

  it('leaves a member that lives where it is, whoever says hello under its name', async () => {
    await startGroup('a.1', 'b.1', 'c.1');
    const [lives] = followers() as [MemberId];
    await passWith(3 * replaceAfterMs, successorOf(lives));
    expect(group.leader.replica.configuration).toEqual({ voters: ['a.1', 'b.1', 'c.1'], learners: [] });
  });

  it('takes nobody for gone whom it could not hear because it was held up itself', async () => {
    await startGroup('a.1', 'b.1', 'c.1');
    const [lives] = followers() as [MemberId];
    await passWith(3_000, successorOf(lives));
    group.hello(successorOf(lives));
    const { replica } = group.leader;
    const changes: unknown[] = [];
    replica.watch({ members: (_index, configuration) => changes.push(configuration) });
    // The timers of a process that wakes up fire before it reads what came meanwhile.
    group.clock.jump(replaceAfterMs + 1_000);
    await passWith(1_000, successorOf(lives));
    expect(changes).toEqual([]);
    expect(replica.configuration.voters).toContain(lives);
  });

  it('removes one member after the other, each after as long a silence', async () => {
    await startGroup('a.1', 'b.1', 'c.1', 'd.1', 'e.1');
    const gone = followers().slice(0, 2);
    const removedAtMs: number[] = [];
    let before = 5;
    group.leader.replica.watch({
      members: (_index, configuration) => {
        if (configuration.voters.length < before) removedAtMs.push(group.clock.nowMs());
        before = configuration.voters.length;
      },
    });
    for (const member of gone) group.cut.add(member);
    const successors = gone.map(successorOf);
    for (const successor of successors) await group.join(successor);
    await passWith(8_000, ...successors);
    expect(voters()).toEqual(expect.arrayContaining(successors));
    expect(voters()).toHaveLength(5);
    const [first = 0, second = 0] = removedAtMs;
    expect(second - first).toBeGreaterThanOrEqual(replaceAfterMs);
  });
});
