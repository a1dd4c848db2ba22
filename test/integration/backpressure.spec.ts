import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';

const outboundBytesMax = 4 * 1_024 * 1_024;
const letter = Buffer.alloc(512 * 1_024, 0x61);

let servers: TestServers | undefined;
let connection: Connection;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  connection = await Connection.open({ servers: servers.natsUrl, name: 'sender', outboundBytesMax });
});

afterAll(async () => {
  servers?.nats.kill('SIGCONT');
  await connection?.close();
  await servers?.stop();
});

/** Publishes until it is refused; the refusal, and how many went before. */
async function publishUntilRefused(): Promise<{ error: NexusError; accepted: number }> {
  for (let accepted = 0; accepted < 1_000; accepted += 1) {
    try {
      connection.publish('letters', letter);
    } catch (error) {
      return { error: NexusError.from(error), accepted };
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('a thousand letters were taken');
}

describe('a broker that reads no more', () => {
  it('shows in the bytes that wait, up to a bound, and all of them leave when it reads again', async () => {
    await connection.flush();
    expect(connection.outboundBytes).toBe(0);
    servers!.nats.kill('SIGSTOP');

    const { error, accepted } = await publishUntilRefused();
    expect(error.code).toBe('overloaded');
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(connection.outboundBytes).toBeGreaterThan(outboundBytesMax);
    expect(connection.outboundBytes).toBeLessThan(outboundBytesMax + 2 * letter.length);
    await expect(connection.whenWritable(1_024, 20)).rejects.toMatchObject({ code: 'overloaded' });

    const writable = connection.whenWritable(1_024, 20_000);
    servers!.nats.kill('SIGCONT');
    await writable;
    expect(connection.outboundBytes).toBeLessThanOrEqual(1_024);
    await connection.flush();
    expect(connection.nats.stats().outMsgs).toBe(accepted);
    connection.publish('letters', letter);
  });
});
