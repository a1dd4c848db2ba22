import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SharedKey } from '@nexus/contracts';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';

// Nobody else is there: what the coordinator in office would resolve stays as it is.

describe('two gossip services, alone', () => {
  let stack: TestStack;
  let nats: NatsConnection;
  const told: Readonly<Record<string, unknown>>[] = [];

  const ask = async <T>(verb: string, body: object): Promise<T> => {
    const message = await nats.request(`nexus.gossip.${verb}`, JSON.stringify(body), { timeout: 5_000 });
    return message.json<T>();
  };
  const read = async (key: string): Promise<SharedKey | undefined> => {
    const { keys } = await ask<{ readonly keys: readonly SharedKey[] }>('state', { keyPrefix: key });
    return keys[0];
  };
  const valuesOf = (key: SharedKey | undefined) => key?.values.map(({ value }) => value) ?? [];
  /** Either may answer: several equal answers in a row come from both. */
  const bothRead = (key: string, expected: (found: SharedKey | undefined) => boolean) =>
    eventually(`both read ${key} so`, async () => {
      const found = await Promise.all(Array.from({ length: 12 }, () => read(key)));
      return found.every(expected);
    });

  beforeAll(async () => {
    stack = await startTestStack({
      ...{ coordinators: 0, routings: 0, gossips: 2 },
      env: { NEXUS_GOSSIP_ROUND_MS: '50' },
    });
    nats = await connect({ servers: stack.natsUrl });
    nats.subscribe('nexus.events.gossip.conflict', {
      callback: (_error, message) => {
        told.push(message.json());
      },
    });
    await eventually('both see both', async () => {
      const counts = await Promise.all(
        Array.from({ length: 12 }, async () => {
          const { members } = await ask<{ readonly members: readonly unknown[] }>('members', {
            status: 'alive',
          });
          return members.length;
        }),
      );
      return counts.every((count) => count === 2);
    });
  }, 60_000);
  afterAll(async () => {
    await nats?.close();
    await stack?.stop();
  });

  it('keep puts that knew nothing of each other side by side; one with their clock replaces all', async () => {
    const nodes = new Set<string>();
    // Each goes to one of the two: enough of them go to both.
    await eventually('both have put', async () => {
      const { member } = await ask<{ readonly member: string }>('put', {
        ...{ key: 'race', clock: {} },
        value: nodes.size,
      });
      nodes.add(member);
      return nodes.size === 2;
    });
    await bothRead('race', (found) => new Set(found?.values.map(({ by }) => by)).size === 2);
    const race = (await read('race'))!;
    expect(race.conflict).toBe(true);
    await eventually('the conflict is told', () => told.length > 0);
    expect(told[0]).toMatchObject({ key: 'race', conflict: true, at: expect.any(String) });
    await ask('put', { key: 'race', value: 'resolved', clock: race.clock, urgent: true });
    await bothRead('race', (found) => valuesOf(found).join() === 'resolved' && found?.conflict === false);
    // Who knew of the conflict all the time, and who learned of it late, told it once between them.
    expect(told.filter(({ key }) => key === 'race')).toHaveLength(1);
  });

  it('put without a clock in the place of what they know', async () => {
    for (let at = 0; at < 4; at += 1) {
      await ask('put', { key: 'counter', value: at });
      await bothRead('counter', (found) => valuesOf(found).join() === String(at));
    }
  });
});
