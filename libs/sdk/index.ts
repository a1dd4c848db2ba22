// The peer of `Connection.open` and the faults are part of the surface: an agent's author needs no other import.
export {
  type CausalStamp,
  type Clock,
  type CommandInput,
  type ConsensusStatus,
  type ElectionReading,
  type Frontiers,
  type KeyReading,
  type LeaseReading,
  NexusError,
  type ProposeReply,
} from '@nexus/contracts';
export { Connection, type ConnectOptions } from '@nexus/wire';
export { type ConnectionSource } from './connection/connection-source.js';
export { Agent } from './agent/agent.js';
export { type AgentEvent, type AgentStats, type DropReason } from './agent/agent-events.js';
export { type Published, type PublishOptions } from './agent/group-post.js';
export {
  type AgentCloseOptions,
  type AgentGossipOptions,
  type AgentHandlers,
  type AgentOptions,
  type HandlerMessage,
  type MessageHandler,
  type VoteHandler,
} from './agent/agent-options.js';
export { AgentHost } from './host/agent-host.js';
export { type HostEvent, type HostStats } from './host/host-events.js';
export {
  type AgentHostOptions,
  type HostCloseOptions,
  type HostedAgent,
  type HostedAgentOptions,
  type HostedHandler,
  type HostedHandlers,
} from './host/host-options.js';
export { type MeshMember } from '@nexus/mesh';
export { NexusClient } from './client/nexus-client.js';
export {
  type AgentSelector,
  type CoordinateOptions,
  type GoalOf,
  type NexusClientOptions,
} from './client/client-options.js';
export { type WorkDone, type WorkOptions } from './work/work-options.js';
export { type RetryPolicy } from './client/retrying.js';
export { type AgentDirectory, type AgentQuery } from './client/agent-directory.js';
export { type CoordinationStream } from './client/coordination-stream.js';
export { type EventStream, type NexusEvent } from './client/event-stream.js';
export {
  DecisionLogClient,
  type DecisionLogClientOptions,
  type MembersReply,
  type ProposeOptions,
  type ReadOptions,
  type TransferReply,
} from './consensus/decision-log-client.js';
export { KeyFollower, type KeyFollowerOptions } from './consensus/key-follower.js';
export { type KeyWatch, type WatchOptions } from './consensus/key-watch.js';
export { type Lease, type LeaseOptions } from './consensus/lease.js';
