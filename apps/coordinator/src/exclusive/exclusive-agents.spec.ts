import { beforeEach, describe, expect, it } from '@jest/globals';
import { limits, NexusError } from '@nexus/contracts';
import { type AgentLeases } from '../coordination/agent-leases.js';
import { InMemoryDecisionLog } from '@nexus/testing';
import { Deadline } from '../coordination/deadline.js';
import { type Targets } from '../fleet/fleet.js';
import { ExclusiveAgents } from './exclusive-agents.js';

let log: InMemoryDecisionLog;
let exclusive: ExclusiveAgents;

beforeEach(() => {
  log = new InMemoryDecisionLog();
  exclusive = new ExclusiveAgents(log);
});

interface Wanted {
  readonly owner?: string;
  readonly timeoutMs?: number;
}

const during = <T>(
  agentIds: readonly string[],
  run: (leases: AgentLeases) => Promise<T>,
  { owner = 'c-1', timeoutMs = 5_000 }: Wanted = {},
) =>
  exclusive.during({
    targets: { agents: agentIds.map((agentId) => ({ agentId })) as unknown as Targets['agents'] },
    owner,
    deadline: new Deadline(timeoutMs),
    run,
  });

const ownerOf = async (agentId: string) => (await log.readLease(`agent.${agentId}`)).owner;
const never = () => Promise.reject(new Error('must not run'));

describe('ExclusiveAgents', () => {
  it('holds every agent while it runs, each with a token of its own, and none afterwards', async () => {
    const tokens = await during(['b', 'a'], async (leases) => {
      expect([await ownerOf('a'), await ownerOf('b')]).toEqual(['c-1', 'c-1']);
      return ['a', 'b'].map((agentId) => leases.tokenOf(agentId));
    });
    expect(tokens).toEqual([1, 2]);
    expect([await ownerOf('a'), await ownerOf('b')]).toEqual([null, null]);
  });

  it('gives them back when the work fails', async () => {
    await expect(during(['a'], never)).rejects.toThrow('must not run');
    expect(await ownerOf('a')).toBeNull();
  });

  it('keeps a second request out, names the agent, and leaves the first what it has', async () => {
    await during(['b'], async (first) => {
      await expect(during(['a', 'b', 'c'], never, { owner: 'c-2' })).rejects.toMatchObject({
        code: 'conflict',
        details: [{ path: 'agents', message: 'b' }],
      });
      expect([await ownerOf('a'), await ownerOf('b'), await ownerOf('c')]).toEqual([null, 'c-1', null]);
      expect(first.tokenOf('b')).toBe(1);
    });
  });

  it('gives a later request a greater token', async () => {
    const first = await during(['a'], async (leases) => leases.tokenOf('a'));
    const second = await during(['a'], async (leases) => leases.tokenOf('a'), { owner: 'c-2' });
    expect(second).toBeGreaterThan(first!);
  });

  it('gives back what the log may have given without our hearing of it', async () => {
    log.unheard = new NexusError('unknown', 'the leader is gone');
    await expect(during(['a'], never)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await ownerOf('a')).toBeNull();
  });

  it('fails as the log does when it cannot be asked', async () => {
    log.down = new NexusError('unavailable', 'no quorum');
    await expect(during(['a'], never)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses more agents than it would take leases for', async () => {
    const ids = Array.from({ length: limits.exclusiveAgentsMax + 1 }, (_, at) => `a${at}`);
    await expect(during(ids, never)).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(log.commands).toEqual([]);
  });

  it('hands out no token for an agent that it does not hold', async () => {
    await during(['a'], async (leases) => {
      expect(() => leases.tokenOf('x')).toThrow(expect.objectContaining({ code: 'conflict' }));
    });
  });
});
