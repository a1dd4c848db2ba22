import { type Connection } from '@nexus/sdk';

/**
 * How long the server takes to answer, in milliseconds; the client's own `rtt()` counts whole ones.
 * @throws NexusError `unavailable` when it does not answer
 */
export async function roundTripMs(connection: Connection): Promise<number> {
  const startedAt = performance.now();
  await connection.flush();
  return Math.round((performance.now() - startedAt) * 1_000) / 1_000;
}
