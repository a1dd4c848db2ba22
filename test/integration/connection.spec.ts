import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServers, type TestServers } from '@nexus/testing';
import { Connection, ReplyInbox } from '@nexus/wire';

let servers: TestServers;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
});

afterAll(() => servers.stop());

describe('Connection: once it is closed', () => {
  // Far beyond the time of a test: whoever waited for it to come back would be seen.
  const withinMs = 600_000;
  const closed = async () => {
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'closed' });
    const replies = new ReplyInbox(connection);
    await connection.close();
    return { connection, replies };
  };

  it('is not waited for', async () => {
    const { connection } = await closed();
    await expect(connection.whenConnected(withinMs)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('delivers no reply, and says so at once', async () => {
    const { replies } = await closed();
    const delivered = replies.deliver('_INBOX.a.b', new Uint8Array(), { withinMs });
    await expect(delivered).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('Connection: a listener that throws', () => {
  it('loses its message and no other, and is told of', async () => {
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'faulty' });
    const faults: string[] = [];
    connection.on((event, detail) => {
      if (event === 'fault') faults.push(detail);
    });
    const heard: string[] = [];
    connection.subscribe('thrown', (message) => {
      if (message.string() === 'bad') throw new Error('a defect');
      heard.push(message.string());
    });
    for (const text of ['one', 'bad', 'two']) connection.publish('thrown', new TextEncoder().encode(text));
    await connection.flush();
    expect(heard).toEqual(['one', 'two']);
    expect(faults).toEqual([expect.stringContaining('a defect')]);
    await connection.close();
  });
});
