import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type DecisionScene, startDecisionScene } from './decision-scene.js';

let scene: DecisionScene | undefined;
let fleet: ScriptedFleet;
const closed = new Set<string>();

const vote = ({ body, answer }: Delivery) => answer((body['payload'] as Body)['payload']);

beforeAll(async () => {
  scene = await startDecisionScene({ replicas: 3, coordinators: 2 });
  ({ fleet } = scene);
  for (const agentId of ['v1', 'v2', 'v3']) await fleet.join(agentId, vote, { groups: ['parliament'] });
});

afterAll(() => scene?.stop());

const decide = (key: string) =>
  fleet.coordinate({
    agents: { group: 'parliament' },
    goal: { type: 'consensus', proposal: { key }, payload: `for ${key}`, timeoutMs: 20_000 },
  });

/** Ends the replica that leads. */
async function endLeader(): Promise<void> {
  const { leader } = await eventually('somebody leads', async () => {
    const status = await scene!.client.consensusStatus();
    return status.leader !== null && status;
  });
  const at = Number(leader!.split('-')[1]) - 1;
  closed.add(leader!);
  await scene!.stack.replicas[at]!.close();
}

describe('decisions while replicas come to an end', () => {
  it('go on without their leader, and stand whoever leads', async () => {
    const keys = Array.from({ length: 20 }, (_, at) => `key-${at}`);
    const ending = endLeader();
    const versions: number[] = [];
    for (const key of keys) {
      const { result } = await decide(key);
      expect(result).toMatchObject({ decided: true, value: `for ${key}` });
      versions.push((result['decision'] as { version: number }).version);
    }
    await ending;
    for (const [at, key] of keys.entries()) {
      expect(await scene!.client.read(key)).toMatchObject({ value: `for ${key}`, version: versions[at] });
    }
  });

  it('R26: are not voted on when no majority is left to record them', async () => {
    await endLeader();
    expect(closed.size).toBe(2);
    const before = fleet.deliveries.length;
    const fault = await fleet.refused({
      agents: { group: 'parliament' },
      goal: { type: 'consensus', proposal: { key: 'late' }, payload: 'red', timeoutMs: 2_000 },
    });
    expect(['unavailable', 'not_leader']).toContain(fault.code);
    expect(fleet.deliveries.length).toBe(before);
    // All that needs no decision goes on.
    const { status } = await fleet.coordinate({
      agents: { group: 'parliament' },
      goal: { type: 'consensus', proposal: { key: 'late' }, payload: 'red', commit: false },
    });
    expect(status).toBe('complete');
  });
});
