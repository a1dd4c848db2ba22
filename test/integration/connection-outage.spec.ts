import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';

let servers: TestServers | undefined;
const connections: Connection[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
});

afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await servers?.stop();
});

async function open(name: string): Promise<Connection> {
  const connection = await Connection.open({ servers: servers!.natsUrl, name });
  connections.push(connection);
  return connection;
}

describe('Connection: while the broker is gone', () => {
  it('refuses to publish, comes back by itself, and sends nothing later that it refused', async () => {
    const sender = await open('sender');
    const listener = await open('listener');
    const heard: string[] = [];
    listener.subscribe('letters', (message) => heard.push(message.string()));
    await listener.flush();
    const refused: string[] = [];
    const faults: NexusError[] = [];
    let written = 0;
    /** Publishes the next letter; whether it was refused. */
    const publish = () => {
      written += 1;
      const letter = `letter ${written}`;
      try {
        sender.publish('letters', Buffer.from(letter));
        return false;
      } catch (error) {
        refused.push(letter);
        faults.push(NexusError.from(error));
        return true;
      }
    };

    expect(publish()).toBe(false);
    await eventually('the first letter', () => heard.length === 1);
    servers!.nats.kill('SIGKILL');
    await eventually('a letter is refused', publish);
    for (let more = 0; more < 20; more += 1) expect(publish()).toBe(true);
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(faults.every(({ retryable }) => retryable)).toBe(true);
    await expect(sender.flush(200)).rejects.toMatchObject({ code: 'unavailable' });

    await servers!.nats.restart();
    await Promise.all([sender.whenConnected(15_000), listener.whenConnected(15_000)]);
    // With its answer, the broker has the subscription again.
    await listener.flush(15_000);
    sender.publish('letters', Buffer.from('the last'));
    // The broker keeps the order of one sender: what was held back would come before this one.
    await eventually('the last letter', () => heard.includes('the last'));
    expect(heard.filter((letter) => refused.includes(letter))).toEqual([]);
    expect(heard[0]).toBe('letter 1');
    expect(sender.connected).toBe(true);
  });
});
