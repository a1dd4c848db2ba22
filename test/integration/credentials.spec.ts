import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';

// Whoever brings no credentials is `guest`; whoever brings wrong ones is refused.
const natsConfig = `
authorization {
  users: [
    { user: "guest", password: "guest", permissions: { publish: { deny: ">" }, subscribe: { deny: ">" } } }
    { user: "ann", password: "secret" }
  ]
}
no_auth_user: "guest"
`;

let servers: TestServers;
const opened: Connection[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true, natsConfig });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});

afterAll(() => servers?.stop());

// Whoever went on trying would be seen by the time it took, and still end within that of a test.
const connectTimeoutMs = 20_000;
const wrong = { user: 'ann', pass: 'guess' };

async function open(auth: { user: string; pass: string }, server = servers.natsUrl): Promise<Connection> {
  const connection = await Connection.open({ servers: server, name: 'login', connectTimeoutMs, auth });
  opened.push(connection);
  return connection;
}

describe('a NATS server that knows its users', () => {
  it('lets in whoever brings the right password', async () => {
    const connection = await open({ user: 'ann', pass: 'secret' });
    await connection.flush();
    expect(connection.connected).toBe(true);
  });

  it.each([
    ['a wrong password', wrong],
    ['an unknown user', { user: 'bob', pass: 'secret' }],
  ])('refuses %s at once, as unauthorized', async (_, auth) => {
    const startedAt = performance.now();
    await expect(open(auth)).rejects.toMatchObject({
      name: 'NexusError',
      code: 'unauthorized',
      retryable: false,
      message: `the NATS server at ${servers.natsUrl} refuses: Authorization Violation`,
    });
    expect(performance.now() - startedAt).toBeLessThan(connectTimeoutMs / 2);
  });

  it('refuses a client of the SDK in the same way', async () => {
    const options = { servers: servers.natsUrl, connectTimeoutMs, auth: wrong };
    await expect(NexusClient.connect(options)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('does not give away a password of its address', async () => {
    const address = servers.natsUrl.replace('://', '://ann:hush@');
    const refused = await open(wrong, address).catch((error: unknown) => String(error));
    expect(refused).toContain('refuses');
    expect(refused).not.toContain('hush');
  });
});
