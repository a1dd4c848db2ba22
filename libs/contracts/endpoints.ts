import { z } from 'zod';
import {
  deregisterRequestSchema,
  emptyReplySchema,
  getRequestSchema,
  agentViewSchema,
  heartbeatRequestSchema,
  hostDeregisterRequestSchema,
  hostHeartbeatReplySchema,
  hostHeartbeatRequestSchema,
  hostRegisterReplySchema,
  hostRegisterRequestSchema,
  listReplySchema,
  listRequestSchema,
  registerReplySchema,
  registerRequestSchema,
} from './agents.js';
import { assignReplySchema, assignRequestSchema } from './assign.js';
import {
  consensusStatusReplySchema,
  memberReplySchema,
  memberRequestSchema,
  proposeReplySchema,
  proposeRequestSchema,
  readReplySchema,
  readRequestSchema,
  replicaStatusSchema,
  transferReplySchema,
  transferRequestSchema,
} from './consensus.js';
import { coordinateReplySchema, coordinateRequestSchema } from './coordinate.js';
import { directPolicySchema } from './direct-policy.js';
import {
  gossipDeleteRequestSchema,
  gossipMembersReplySchema,
  gossipMembersRequestSchema,
  gossipPutReplySchema,
  gossipPutRequestSchema,
  gossipStateReplySchema,
  gossipStateRequestSchema,
} from './gossip.js';
import {
  anomaliesReplySchema,
  anomaliesRequestSchema,
  dismissReplySchema,
  dismissRequestSchema,
  explainReplySchema,
  explainRequestSchema,
  learnReplySchema,
  learnRequestSchema,
  modelsReplySchema,
  modelsRequestSchema,
  placeReplySchema,
  placeRequestSchema,
  predictReplySchema,
  predictRequestSchema,
  rollbackReplySchema,
  rollbackRequestSchema,
  trainReplySchema,
} from './intelligence.js';
import { metricsReplySchema, metricsRequestSchema } from './metrics.js';
import { intelligenceSnapshotSchema } from './models.js';
import { outcomeReportReplySchema, outcomeReportSchema } from './outcomes.js';
import { publicRoutesReplySchema, routesSnapshotReplySchema, routesSnapshotRequestSchema } from './routes.js';

/** The services that serve endpoints; each name is also a queue group. */
export type ServiceName = 'consensus' | 'coordinator' | 'gossip' | 'intelligence' | 'routing';

/** One subject that a service answers. Everything that must agree about it is here, once. */
export interface Endpoint<
  T extends string = string,
  Req extends z.ZodType = z.ZodType,
  Rep extends z.ZodType = z.ZodType,
> {
  /** Its name in `$SRV` discovery, in traces and in error messages. */
  readonly name: string;
  /** The service that serves it; also its queue group. */
  readonly service: ServiceName;
  /** Below the prefix, `{name}` for an id: `agents.register.{agentId}`. */
  readonly template: T;
  /** One sentence for people. */
  readonly summary: string;
  readonly request: Req;
  readonly reply: Rep;
  /**
   * The `{name}` of the template that stands for one process: that process alone serves the subject with its own id, in
   * no queue group.
   */
  readonly own?: string;
  /** Changes the decision log: ended midway, its outcome is `unknown`, never a refusal. */
  readonly commits?: boolean;
  /** Internal endpoints are no contract and stay out of the published document. */
  readonly internal?: boolean;
}

const endpoint = <T extends string, Req extends z.ZodType, Rep extends z.ZodType>(
  definition: Endpoint<T, Req, Rep>,
): Endpoint<T, Req, Rep> => Object.freeze(definition);

const coordinate = {
  service: 'coordinator',
  request: coordinateRequestSchema,
  reply: coordinateReplySchema,
} as const;

const learn = { service: 'intelligence', request: learnRequestSchema, reply: learnReplySchema } as const;

const consensus = { service: 'consensus' } as const;
const propose = {
  ...consensus,
  commits: true,
  request: proposeRequestSchema,
  reply: proposeReplySchema,
} as const;
const read = { ...consensus, request: readRequestSchema, reply: readReplySchema } as const;
const noFields = z.strictObject({});

export const endpoints = {
  coordinate: endpoint({
    ...coordinate,
    name: 'coordinate',
    template: 'coordinate.{userId}',
    summary: 'Broadcast to, gather from, vote with or share work out over a set of agents, as a named user.',
  }),
  coordinateAnonymous: endpoint({
    ...coordinate,
    name: 'coordinate-anonymous',
    template: 'coordinate',
    summary: 'The same as user `anonymous`, in an open deployment.',
  }),
  agentsRegister: endpoint({
    name: 'agents-register',
    service: 'routing',
    template: 'agents.register.{agentId}',
    summary: 'Join the fleet, or replace one’s own registration by its token.',
    request: registerRequestSchema,
    reply: registerReplySchema,
  }),
  agentsHeartbeat: endpoint({
    name: 'agents-heartbeat',
    service: 'routing',
    template: 'agents.heartbeat.{agentId}',
    summary: 'Say that one is alive, and how loaded.',
    request: heartbeatRequestSchema,
    reply: emptyReplySchema,
  }),
  agentsDeregister: endpoint({
    name: 'agents-deregister',
    service: 'routing',
    template: 'agents.deregister.{agentId}',
    summary: 'Leave the fleet.',
    request: deregisterRequestSchema,
    reply: emptyReplySchema,
  }),
  hostsRegister: endpoint({
    name: 'hosts-register',
    service: 'routing',
    template: 'hosts.register.{hostId}',
    summary: 'Let agents of one process join the fleet, many with one message.',
    request: hostRegisterRequestSchema,
    reply: hostRegisterReplySchema,
  }),
  hostsHeartbeat: endpoint({
    name: 'hosts-heartbeat',
    service: 'routing',
    template: 'hosts.heartbeat.{hostId}',
    summary: 'Say that all agents of a host are alive, and which of them are loaded.',
    request: hostHeartbeatRequestSchema,
    reply: hostHeartbeatReplySchema,
  }),
  hostsDeregister: endpoint({
    name: 'hosts-deregister',
    service: 'routing',
    template: 'hosts.deregister.{hostId}',
    summary: 'Let agents of a host, or all of them, leave the fleet.',
    request: hostDeregisterRequestSchema,
    reply: emptyReplySchema,
  }),
  agentsList: endpoint({
    name: 'agents-list',
    service: 'routing',
    template: 'agents.list',
    summary: 'The agents, a page at a time, by group, capability or node.',
    request: listRequestSchema,
    reply: listReplySchema,
  }),
  agentsGet: endpoint({
    name: 'agents-get',
    service: 'routing',
    template: 'agents.get',
    summary: 'One agent with its live load and health.',
    request: getRequestSchema,
    reply: agentViewSchema,
  }),
  coordinatorPolicy: endpoint({
    name: 'coordinator-policy',
    service: 'coordinator',
    template: 'coordinator.policy',
    summary: 'Whether and how a client may send work straight to agents.',
    request: noFields,
    reply: directPolicySchema,
  }),
  routingAssign: endpoint({
    name: 'routing-assign',
    service: 'coordinator',
    template: 'routing.assign',
    summary: 'Pick agents for units of work without coordinating it.',
    request: assignRequestSchema,
    reply: assignReplySchema,
  }),
  coordinatorMetrics: endpoint({
    name: 'coordinator-metrics',
    service: 'coordinator',
    template: 'coordinator.metrics',
    summary: 'What coordinations came to, by type and algorithm, summed over all coordinators.',
    request: metricsRequestSchema,
    reply: metricsReplySchema,
  }),
  consensusPropose: endpoint({
    ...propose,
    name: 'consensus-propose',
    template: 'consensus.propose',
    summary: 'Commit a command to the decision log; whoever takes it finds the leader.',
  }),
  consensusRead: endpoint({
    ...read,
    name: 'consensus-read',
    template: 'consensus.read',
    summary: 'Read a key, a lease or an election.',
  }),
  consensusStatus: endpoint({
    ...consensus,
    name: 'consensus-status',
    template: 'consensus.status',
    summary: 'Every replica of the decision log: role, term, leader, indexes, members.',
    request: noFields,
    reply: consensusStatusReplySchema,
  }),
  consensusTransfer: endpoint({
    ...consensus,
    commits: true,
    name: 'consensus-transfer',
    template: 'consensus.transfer',
    summary: 'Hand leadership to another replica.',
    request: transferRequestSchema,
    reply: transferReplySchema,
  }),
  consensusMembersAdd: endpoint({
    ...consensus,
    commits: true,
    name: 'consensus-members-add',
    template: 'consensus.members.add',
    summary: 'Make a replica that asks to join a learner, and a voter once it has caught up.',
    request: memberRequestSchema,
    reply: memberReplySchema,
  }),
  consensusMembersRemove: endpoint({
    ...consensus,
    commits: true,
    name: 'consensus-members-remove',
    template: 'consensus.members.remove',
    summary: 'Take a replica out of the group.',
    request: memberRequestSchema,
    reply: memberReplySchema,
  }),
  consensusReplicaPropose: endpoint({
    ...propose,
    name: 'consensus-replica-propose',
    template: 'consensus.{replicaId}.propose',
    own: 'replicaId',
    summary: 'Commit a command by this replica, which answers `not_leader` unless it leads.',
  }),
  consensusReplicaRead: endpoint({
    ...read,
    name: 'consensus-replica-read',
    template: 'consensus.{replicaId}.read',
    own: 'replicaId',
    summary: 'Read from this replica: linearizable only where it leads, `local` anywhere.',
  }),
  consensusReplicaStatus: endpoint({
    ...consensus,
    name: 'consensus-replica-status',
    template: 'consensus.{replicaId}.status',
    own: 'replicaId',
    summary: 'How this replica stands.',
    request: noFields,
    reply: replicaStatusSchema,
  }),
  gossipPut: endpoint({
    name: 'gossip-put',
    service: 'gossip',
    template: 'gossip.put',
    summary: 'Share a key with all members; what is put concurrently elsewhere stands beside it.',
    request: gossipPutRequestSchema,
    reply: gossipPutReplySchema,
  }),
  gossipDelete: endpoint({
    name: 'gossip-delete',
    service: 'gossip',
    template: 'gossip.delete',
    summary: 'Remove a shared key.',
    request: gossipDeleteRequestSchema,
    reply: gossipPutReplySchema,
  }),
  gossipState: endpoint({
    name: 'gossip-state',
    service: 'gossip',
    template: 'gossip.state',
    summary: 'The shared keys, a page at a time, and whether all members know the same.',
    request: gossipStateRequestSchema,
    reply: gossipStateReplySchema,
  }),
  gossipMembers: endpoint({
    name: 'gossip-members',
    service: 'gossip',
    template: 'gossip.members',
    summary: 'Who is there, how it does and how sure that is.',
    request: gossipMembersRequestSchema,
    reply: gossipMembersReplySchema,
  }),
  intelligencePredict: endpoint({
    name: 'intelligence-predict',
    service: 'intelligence',
    template: 'intelligence.predict',
    summary: 'What would be chosen in a situation, how long it would take, and why.',
    request: predictRequestSchema,
    reply: predictReplySchema,
  }),
  intelligenceLearn: endpoint({
    ...learn,
    name: 'intelligence-learn',
    template: 'intelligence.learn.{userId}',
    summary: 'Feed an outcome, as a named user.',
  }),
  intelligenceLearnAnonymous: endpoint({
    ...learn,
    name: 'intelligence-learn-anonymous',
    template: 'intelligence.learn',
    summary: 'The same as user `anonymous`, in an open deployment.',
  }),
  intelligenceModels: endpoint({
    name: 'intelligence-models',
    service: 'intelligence',
    template: 'intelligence.models',
    summary: 'The versions of the models, how they were judged, and when was trained last.',
    request: modelsRequestSchema,
    reply: modelsReplySchema,
  }),
  intelligenceRollback: endpoint({
    name: 'intelligence-models-rollback',
    service: 'intelligence',
    template: 'intelligence.models.rollback',
    summary: 'Use an earlier version of a model from now on.',
    request: rollbackRequestSchema,
    reply: rollbackReplySchema,
  }),
  intelligenceTrain: endpoint({
    name: 'intelligence-models-train',
    service: 'intelligence',
    template: 'intelligence.models.train',
    summary: 'Train now, and not only when it is time.',
    request: noFields,
    reply: trainReplySchema,
  }),
  intelligencePlace: endpoint({
    name: 'intelligence-place',
    service: 'intelligence',
    template: 'intelligence.place',
    summary: 'Which nodes are to host new agents or tasks.',
    request: placeRequestSchema,
    reply: placeReplySchema,
  }),
  intelligenceAnomalies: endpoint({
    name: 'intelligence-anomalies',
    service: 'intelligence',
    template: 'intelligence.anomalies',
    summary: 'What is not as usual, and what is done about it.',
    request: anomaliesRequestSchema,
    reply: anomaliesReplySchema,
  }),
  intelligenceDismiss: endpoint({
    name: 'intelligence-anomalies-dismiss',
    service: 'intelligence',
    template: 'intelligence.anomalies.dismiss',
    summary: 'Hold nothing against an agent or a type of goal any more.',
    request: dismissRequestSchema,
    reply: dismissReplySchema,
  }),
  intelligenceExplain: endpoint({
    name: 'intelligence-explain',
    service: 'intelligence',
    template: 'intelligence.explain',
    summary: 'Why a coordination of the history was done as it was.',
    request: explainRequestSchema,
    reply: explainReplySchema,
  }),
  intelligenceOutcomes: endpoint({
    name: 'intelligence-outcomes',
    service: 'intelligence',
    template: 'int.intelligence.outcomes',
    summary: 'What coordinations came to, told until it is acknowledged.',
    request: outcomeReportSchema,
    reply: outcomeReportReplySchema,
    internal: true,
  }),
  intelligenceSnapshot: endpoint({
    name: 'intelligence-snapshot',
    service: 'intelligence',
    template: 'int.intelligence.snapshot',
    summary: 'All models in use, as coordinators hold them.',
    request: noFields,
    reply: intelligenceSnapshotSchema,
    internal: true,
  }),
  routingRoutes: endpoint({
    name: 'routing-routes',
    service: 'routing',
    template: 'routing.routes',
    summary:
      'The route table as clients may hold it, a page at a time; its changes are told on `nexus.routes.delta`, and where ' +
      'it stands on `nexus.routes.beacon`.',
    request: routesSnapshotRequestSchema,
    reply: publicRoutesReplySchema,
  }),
  routesSnapshot: endpoint({
    name: 'routes-snapshot',
    service: 'routing',
    template: 'int.routes.snapshot',
    summary: 'The route table, a page at a time.',
    request: routesSnapshotRequestSchema,
    reply: routesSnapshotReplySchema,
    internal: true,
  }),
} as const;
