import { type AgentId, agentIdSchema, type NodeId, nodeIdSchema, parse } from '@nexus/contracts';
import { type NatsContext } from '@nexus/platform/nats';

/** Who speaks: the agent that the subject names, and no field of the body. */
export const agentOf = ({ params }: NatsContext): AgentId =>
  parse(agentIdSchema, params['agentId'], 'agentId of the subject');

/** Who speaks: the host that the subject names, and no field of the body. */
export const hostOf = ({ params }: NatsContext): NodeId =>
  parse(nodeIdSchema, params['hostId'], 'hostId of the subject');
