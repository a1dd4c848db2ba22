export { eventually } from './eventually.js';
export { gate } from './gate.js';
export { InMemoryDecisionLog } from './in-memory-decision-log.js';
export { OtlpReceiver } from './otlp-receiver.js';
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
export { type Cores } from './simulation/raft/cores.js';
export { Durability } from './simulation/raft/invariants/durability.js';
export { type LogMirror } from './simulation/raft/log-mirror.js';
export { MemberRecord } from './simulation/raft/member-record.js';
export { describeStep as describeRaftStep } from './simulation/raft/plan.js';
export { assertionFailed, runSeed, shrinkSeed, type SimulationResult } from './simulation/raft/run-seed.js';
export { scenarioOf as raftScenario } from './simulation/raft/scenario.js';
export { Schedule } from './simulation/schedule.js';
export { SeededRandom } from './simulation/seeded-random.js';
export { type DiskCondition, SimulatedDisk } from './simulation/simulated-disk.js';
export { type LinkQuality, SimulatedNetwork } from './simulation/simulated-network.js';
export { SimulatedProcess } from './simulation/simulated-process.js';
export { Timeline } from './simulation/timeline.js';
export { hold } from './simulation/violation.js';
