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
    // Heard on the connection itself: another one might not be back yet when something late leaves.
    const heard: string[] = [];
    sender.subscribe('letters', (message) => heard.push(message.string()));
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

    // Writing goes on up to the very moment of the return: also what was refused in its midst must not leave.
    const untilBack = setInterval(publish, 1);
    try {
      await servers!.nats.restart();
      await sender.whenConnected(15_000);
    } finally {
      clearInterval(untilBack);
    }
    sender.publish('letters', Buffer.from('the last'));
    // The broker keeps the order of one sender: what was held back would come before this one.
    await eventually('the last letter', () => heard.includes('the last'));
    expect(heard.filter((letter) => refused.includes(letter))).toEqual([]);
    expect(heard[0]).toBe('letter 1');
    expect(sender.connected).toBe(true);
  });

  it('says of a flush under way that it is unavailable, without waiting for its time to be over', async () => {
    const sender = await open('flushing');
    // The broker answers nothing any more, which the connection learns in a later turn.
    servers!.nats.kill('SIGKILL');
    expect(sender.connected).toBe(true);
    await expect(sender.flush(600_000)).rejects.toMatchObject({ code: 'unavailable' });
    await servers!.nats.restart();
    await sender.whenConnected(15_000);
    await sender.flush(15_000);
  });

  it('says when others are back too, and never a moment earlier', async () => {
    // A timer may end a millisecond early, and seldom does: of many one will.
    const steady: boolean[] = [];
    const all = await Promise.all(Array.from({ length: 60 }, (_, at) => open(`steady-${at}`)));
    for (const connection of all) connection.onSteady(() => steady.push(connection.steady));
    servers!.nats.kill('SIGKILL');
    await servers!.nats.restart();
    await eventually('all were told', () => steady.length === all.length);
    expect(steady.filter((was) => !was)).toHaveLength(0);
  });
});
