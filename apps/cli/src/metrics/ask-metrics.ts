import { endpoints, type MetricsReply, NexusError } from '@nexus/contracts';
import { Caller } from '@nexus/wire';
import { type Link } from '../connect/open-client.js';
import { Advised } from '../ending/next-step.js';

const timeoutMs = 3_000;

/**
 * Asks a coordinator for the figures of all.
 * @throws Advised when no coordinator answers, NexusError what one answered
 */
export async function askMetrics(
  { connection, replies, prefix }: Pick<Link, 'connection' | 'replies' | 'prefix'>,
  agents: number,
): Promise<MetricsReply> {
  try {
    const caller = new Caller(connection, replies, prefix);
    return await caller.call(endpoints.coordinatorMetrics, {}, { agents }, { timeoutMs });
  } catch (thrown) {
    const error = NexusError.from(thrown);
    if (error.code !== 'unavailable') throw error;
    throw new Advised(error, 'start a coordinator, or the whole stack with nexus up');
  }
}
