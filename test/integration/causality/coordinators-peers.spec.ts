import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Body } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack;

beforeAll(async () => {
  scene = await startScriptedStack({
    ...{ coordinators: 1, replicas: 1, gossips: 1 },
    env: { NEXUS_GOSSIP_ROUND_MS: '100' },
  });
  await scene.fleet.join('a', (delivery) => delivery.answer('yes'));
});

afterAll(() => scene.stop());

const decide = {
  agents: { all: true },
  goal: { type: 'consensus', proposal: { key: 'k', options: ['yes'] } },
};

const replicasKnown = async (status: string) => {
  const { members } = (await scene.fleet.request('nexus.gossip.members', {})) as { members: Body[] };
  return members.some((member) => member['service'] === 'consensus' && member['status'] === status);
};

describe('what coordinators know of the services from gossip', () => {
  it('spares a request the wait for a decision log that is not there, and says so', async () => {
    await eventually('the replica is known', () => replicasKnown('alive'));
    expect((await scene.fleet.coordinate(decide)).result).toMatchObject({ decided: true });
    const asked = scene.fleet.deliveries.length;
    await scene.stack.replicas[0]!.close();
    const hinted = await eventually('gossip has told', async () => {
      const fault = await scene.fleet.refused(decide);
      expect(fault.code).toBe('unavailable');
      return fault.message.includes('no replica of the decision log is known to be alive') && fault;
    });
    expect(hinted.status).toBe('503');
    expect(scene.fleet.deliveries).toHaveLength(asked);
  });

  it('keeps no request from what needs no decision log', async () => {
    const { status } = await scene.fleet.coordinate({ agents: { all: true }, goal: { type: 'gather' } });
    expect(status).toBe('complete');
  });
});
