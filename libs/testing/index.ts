export { eventually } from './eventually.js';
export { gate } from './gate.js';
export { InMemoryDecisionLog } from './in-memory-decision-log.js';
export { OtlpReceiver } from './otlp-receiver.js';
export { parsePrometheusText, type Sample } from './prometheus-text.js';
export { type ReceivedSpan } from './received-span.js';
export { sampleReply } from './sample-reply.js';
export { infraDir, startTestServers, type TestServers } from './servers.js';
export { startTestStack, type TestStack } from './stack.js';
export { checkLinearizability, type CheckOptions, type Verdict } from './linearizability/check.js';
export { type History, type Operation } from './linearizability/history.js';
export { type Model } from './linearizability/model.js';
export { renderWindow } from './linearizability/render-window.js';
export {
  type RegisterAnswer,
  type RegisterCall,
  type RegisterState,
  versionedRegister,
} from './linearizability/versioned-register.js';
export { describeLogStore, type LogStoreMedium, type SpecGlobals } from './compliance/log-store.js';
export { FaultyLogStore } from './faults/faulty-log-store.js';
export { Coverage } from './simulation/coverage.js';
export { type Fault, type Step } from './simulation/fault.js';
export { FaultInjector } from './simulation/fault-injector.js';
export { type Cores as RaftCores } from './simulation/raft/cores.js';
export { Durability } from './simulation/raft/invariants/durability.js';
export { type LogMirror } from './simulation/raft/log-mirror.js';
export { MemberRecord } from './simulation/raft/member-record.js';
export { type CausalityCores } from './simulation/causality/cores.js';
export { causalitySimulation } from './simulation/causality/run-seed.js';
export { calmCluster } from './simulation/gossip/calm-cluster.js';
export { type Cluster as GossipCluster } from './simulation/gossip/cluster.js';
export { type GossipCores, type Gossiper } from './simulation/gossip/cores.js';
export { gossipSimulation } from './simulation/gossip/run-seed.js';
export { raftSimulation } from './simulation/raft/run-seed.js';
export { Schedule } from './simulation/schedule.js';
export { SeededRandom } from './simulation/seeded-random.js';
export { type DiskCondition, SimulatedDisk } from './simulation/simulated-disk.js';
export { type LinkQuality, SimulatedNetwork } from './simulation/simulated-network.js';
export {
  assertionFailed,
  type PlannedStep,
  type RunOptions,
  shrinkSeed,
  type Simulation,
  type SimulationResult,
} from './simulation/simulation.js';
export { SimulatedProcess } from './simulation/simulated-process.js';
export { Timeline } from './simulation/timeline.js';
export { hold } from './simulation/violation.js';
export { contest, type ContestOptions, type ContestResult } from './simulation/balancing/contest.js';
