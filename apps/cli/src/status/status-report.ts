import { NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { clientOn, type Link } from '../connect/open-client.js';
import { roundTripMs } from '../connect/round-trip.js';
import { type ServiceFigures, surveyServices } from './service-survey.js';

export interface AgentCounts {
  readonly total: number;
  readonly alive: number;
  readonly suspected: number;
  /** Whether all were counted; a huge fleet is not counted to its end. */
  readonly complete: boolean;
}

export interface StatusReport {
  readonly nats: {
    readonly url: string;
    readonly server: string;
    readonly version: string;
    readonly rttMs: number;
  };
  readonly services: readonly ServiceFigures[];
  /** Null when routing cannot tell. */
  readonly agents: AgentCounts | null;
  /** What keeps the fleet from being coordinated, a sentence each; empty when all is well. */
  readonly problems: readonly string[];
}

const countTimeMs = 3_000;
const pageSize = 1_000;

/** Looks at everything once. */
export async function takeStatus(link: Link): Promise<StatusReport> {
  const { connection } = link;
  if (!connection.connected) await connection.whenConnected(countTimeMs);
  const rttMs = await roundTripMs(connection);
  const [services, agents] = await Promise.all([surveyServices(link), countAgents(link)]);
  const info = connection.nats.info;
  return {
    nats: {
      url: redactUrl(link.address.servers.join(',')),
      server: info?.server_name ?? '',
      version: info?.version ?? '',
      rttMs,
    },
    services,
    agents: agents instanceof NexusError ? null : agents,
    problems: problemsOf(services, agents),
  };
}

/** What must answer for the fleet to be coordinated. */
const neededServices = ['coordinator', 'routing'] as const;

/** Those of which none answers. */
export const missingServices = (services: readonly ServiceFigures[]): string[] =>
  neededServices.filter((needed) => !services.some(({ name }) => name === `nexus-${needed}`));

export const startRemedy = 'start one, or the whole stack with nexus up';

/** @internal exported for its spec */
export function problemsOf(services: readonly ServiceFigures[], agents: AgentCounts | NexusError): string[] {
  const missing = missingServices(services);
  return [
    ...missing.map((service) => `no ${service} answers: ${startRemedy}`),
    ...(agents instanceof NexusError && !missing.includes('routing')
      ? [
          `routing does not list the agents (${agents.code}: ${agents.message}): see its log, and nexus doctor`,
        ]
      : []),
  ];
}

async function countAgents(link: Link): Promise<AgentCounts | NexusError> {
  const client = await clientOn(link, { retry: false, timeoutMs: countTimeMs });
  const deadline = performance.now() + countTimeMs;
  const counts = { alive: 0, suspected: 0 };
  try {
    for await (const { health } of client.agents.list({ pageSize })) {
      counts[health] += 1;
      if (performance.now() > deadline) return summed(counts, false);
    }
    return summed(counts, true);
  } catch (error) {
    return NexusError.from(error);
  }
}

const summed = (counts: Pick<AgentCounts, 'alive' | 'suspected'>, complete: boolean): AgentCounts => ({
  total: counts.alive + counts.suspected,
  ...counts,
  complete,
});
