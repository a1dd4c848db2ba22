import { type ConsensusStatus, NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { clientOn, type Link } from '../connect/open-client.js';
import { roundTripMs } from '../connect/round-trip.js';
import { type MeshFigures, surveyMesh } from '../gossip/mesh-health.js';
import { type ModelFigures, surveyModels } from '../intelligence/model-health.js';
import { judgeLog } from '../consensus/log-health.js';
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
  /** Null when no replica can tell. */
  readonly decisions: DecisionLogFigures | null;
  /** Null when no gossip service tells. */
  readonly mesh: MeshFigures | null;
  /** Null when no intelligence service tells. */
  readonly models: ModelFigures | null;
  /** What keeps the fleet from being coordinated, a sentence each; empty when all is well. */
  readonly problems: readonly string[];
}

/** How the decision log stands. */
export interface DecisionLogFigures {
  readonly leader: string | null;
  readonly term: number;
  /** Members that answer, and all. */
  readonly answering: number;
  readonly replicas: number;
}

const countTimeMs = 3_000;
const pageSize = 1_000;

/** Looks at everything once. */
export async function takeStatus(link: Link): Promise<StatusReport> {
  const { connection } = link;
  if (!connection.connected) await connection.whenConnected(countTimeMs);
  const rttMs = await roundTripMs(connection);
  const [services, agents, log, mesh, models] = await Promise.all([
    surveyServices(link),
    countAgents(link),
    statusOfLog(link),
    surveyMesh(link),
    surveyModels(link),
  ]);
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
    decisions: log instanceof NexusError ? null : figuresOf(log),
    mesh: mesh ?? null,
    models: models ?? null,
    problems: problemsOf({ services, agents, log }),
  };
}

/** What must answer for the fleet to be coordinated. */
const neededServices = ['consensus', 'coordinator', 'routing'] as const;

/** Those of which none answers. */
export const missingServices = (services: readonly ServiceFigures[]): string[] =>
  neededServices.filter((needed) => !services.some(({ name }) => name === `nexus-${needed}`));

export const startRemedy = 'start one, or the whole stack with nexus up';

/** What was found, or why it could not be. */
export interface Findings {
  readonly services: readonly ServiceFigures[];
  readonly agents: AgentCounts | NexusError;
  readonly log: ConsensusStatus | NexusError;
}

/** @internal exported for its spec */
export function problemsOf({ services, agents, log }: Findings): string[] {
  const missing = missingServices(services);
  const told = ({ code, message }: NexusError) => `(${code}: ${message}): see its log, and nexus doctor`;
  return [
    ...missing.map((service) => `no ${service} answers: ${startRemedy}`),
    ...(agents instanceof NexusError && !missing.includes('routing')
      ? [`routing does not list the agents ${told(agents)}`]
      : []),
    ...(missing.includes('consensus')
      ? []
      : log instanceof NexusError
        ? [`consensus does not tell how it stands ${told(log)}`]
        : judgeLog(log).faults),
  ];
}

async function statusOfLog(link: Link): Promise<ConsensusStatus | NexusError> {
  const client = await clientOn(link, { retry: false });
  return client.consensusStatus().catch((error: unknown) => NexusError.from(error));
}

const figuresOf = ({ leader, term, replicas, silent }: ConsensusStatus): DecisionLogFigures => ({
  ...{ leader, term, answering: replicas.length, replicas: replicas.length + silent.length },
});

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
