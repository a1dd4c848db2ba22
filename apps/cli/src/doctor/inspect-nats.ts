import { type ConsensusStatus, NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { formatDuration } from '@nexus/platform/terminal';
import { clientOn, type Link, withLink } from '../connect/open-client.js';
import { roundTripMs } from '../connect/round-trip.js';
import { serverAddress, type ServerAddress, type ServerOptions } from '../connect/server-address.js';
import { meshFaults, type MeshFigures, surveyMesh } from '../gossip/mesh-health.js';
import { type ModelFigures, modelsText, surveyModels } from '../intelligence/model-health.js';
import { judgeLog } from '../consensus/log-health.js';
import { faultOf } from '../ending/render-error.js';
import { type Session } from '../session/session.js';
import { type ServiceFigures, surveyServices } from '../status/service-survey.js';
import { missingServices, startRemedy } from '../status/status-report.js';
import { fail, type Finding, ok, warn } from './finding.js';

/** The broker and what answers on it, asked over one connection. */
export interface NatsFindings {
  readonly broker: Finding;
  readonly services: Finding;
  readonly decisions: Finding;
  readonly mesh: Finding;
  readonly models: Finding;
}

/** Where nothing was named and nothing runs here, there is nothing to be ill: then findings are warnings. */
const severity = ({ origin }: ServerAddress) => (origin === 'default' ? warn : fail);

export async function inspectNats(session: Session, options: ServerOptions): Promise<NatsFindings> {
  const address = await serverAddress(session, options);
  const bad = severity(address);
  try {
    return await withLink(session, options, async (link) => ({
      broker: await inspectBroker(link),
      services: inspectServices(await surveyServices(link), bad),
      decisions: await inspectLog(link, bad),
      mesh: judgeMesh(await surveyMesh(link)),
      models: judgeModels(await surveyModels(link), Date.now()),
    }));
  } catch (thrown) {
    const { error, advice } = faultOf(thrown);
    if (error.code === 'internal') throw thrown;
    return {
      broker: bad(error.message, advice),
      services: warn(notAsked, advice),
      decisions: warn(notAsked, advice),
      mesh: warn(notAsked, advice),
      models: warn(notAsked, advice),
    };
  }
}

const notAsked = 'not asked, since NATS does not answer';

async function inspectBroker({ connection, address }: Link): Promise<Finding> {
  const rttMs = await roundTripMs(connection);
  const info = connection.nats.info;
  if (!info) throw new NexusError('unavailable', 'NATS says nothing of itself');
  const where = redactUrl(address.servers.join(','));
  const message = `${where}, nats-server ${info.version}, round trip ${formatDuration(rttMs)}`;
  if (info.jetstream) return ok(`${message}, JetStream`);
  return warn(`${message}, no JetStream`, 'start nats-server with -js, which durable requests need');
}

/** @internal exported for its spec */
export function inspectServices(services: readonly ServiceFigures[], bad: typeof warn): Finding {
  if (services.length === 0) return bad('none answers', 'nexus up');
  const missing = missingServices(services);
  if (missing.length === 0) return ok(namesOf(services));
  return bad(missing.map((service) => `no ${service} answers`).join(', '), startRemedy);
}

function namesOf(services: readonly ServiceFigures[]): string {
  const counts = new Map<string, number>();
  for (const { name } of services) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ');
}

async function inspectLog(link: Link, bad: typeof warn): Promise<Finding> {
  try {
    return judgeDecisions(await (await clientOn(link, { retry: false })).consensusStatus(), bad);
  } catch (error) {
    const { code, message } = NexusError.from(error);
    return bad(`the decision log does not answer (${code}: ${message})`, 'see the logs of its replicas');
  }
}

/** @internal exported for its spec */
export function judgeDecisions(status: ConsensusStatus, bad: typeof warn): Finding {
  const { faults, warnings } = judgeLog(status);
  const { leader, term, replicas } = status;
  const [fault] = faults;
  if (fault !== undefined) return bad(fault, 'nexus consensus status shows each replica');
  const voters = replicas.find(({ replicaId }) => replicaId === leader)?.members.voters.length ?? 0;
  const bears = Math.floor((voters - 1) / 2);
  const message = `${leader ?? 'nobody'} leads term ${term}, ${voters === 1 ? '1 voter' : `${voters} voters`}`;
  if (warnings.length > 0) return warn(`${message}; ${warnings.join('; ')}`, 'nexus consensus status');
  if (bears > 0) return ok(`${message}, bears the loss of ${bears}`);
  return ok(`${message}: enough for development, nexus up --replicas 3 bears the loss of one`);
}

/**
 * Nothing that is coordinated needs a whole mesh: it warns.
 * @internal exported for its spec
 */
export function judgeMesh(mesh: MeshFigures | undefined): Finding {
  if (!mesh) return warn('no gossip service answers', startRemedy);
  const { members, services, agents, converged, convergence } = mesh;
  const message = `${members} members: ${services} services, ${agents} agents`;
  const faults = meshFaults(mesh);
  if (faults.length > 0) return warn(`${message}; ${faults.join('; ')}`, 'nexus members shows each');
  if (!converged)
    return warn(`${message}; converged: ${convergence}`, 'nexus gossip state, in a few seconds');
  return ok(`${message}, all know the same`);
}

/**
 * Nothing that is coordinated needs a model: it warns.
 * @internal exported for its spec
 */
export function judgeModels(models: ModelFigures | undefined, nowMs: number): Finding {
  if (!models) return warn('no intelligence service answers', startRemedy);
  const message = modelsText(models, nowMs);
  if (models.faults.length === 0) return ok(message);
  return warn(
    `${message}; ${models.faults.join('; ')}`,
    'nexus models train; if nothing comes of it, start the service again',
  );
}
