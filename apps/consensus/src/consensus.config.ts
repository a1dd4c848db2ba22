import { idPattern, NexusError, type ReplicaId, type ErrorDetail } from '@nexus/contracts';
import {
  choiceField,
  type ConfigOf,
  integerField,
  loadConfig,
  serviceFields,
  textField,
  tokenField,
} from '@nexus/platform/config';
import { type Timing, timingNames, timings } from './timing.js';

const timingTrades = 'Shorter notices a dead leader sooner, and takes a slow one for dead.';

export const consensusFields = {
  ...serviceFields,
  replicaId: tokenField('NEXUS_CONSENSUS_REPLICA_ID', {
    means:
      'Names this replica of the decision log, in subjects and to people; no other one may have the name.',
    default: 'consensus-1',
  }),
  replicas: textField('NEXUS_CONSENSUS_REPLICAS', {
    means:
      'The replicas that form the group when it first begins, divided by commas; this one alone when unset. It must be the same for all of them. A replica that is not named, or that finds a group, joins by `nexus consensus members add`.',
    trades: 'Three survive the loss of one, five of two; each commit waits for a majority.',
  }),
  storage: choiceField('NEXUS_CONSENSUS_STORAGE', ['lmdb', 'memory'], {
    means: 'Where the log is kept.',
    trades: '`memory` costs no disk, and a replica that restarts is a new one: for tests and trials.',
    default: 'lmdb',
  }),
  dataDir: textField('NEXUS_CONSENSUS_DATA_DIR', {
    means: 'The folder of the logs; each replica has one of its own name in it.',
    default: '.nexus/consensus',
  }),
  timing: choiceField('NEXUS_CONSENSUS_TIMING', timingNames, {
    means:
      'The rhythm of elections: `local` beats every 50 ms and elects after 150 to 300 ms of silence, `lan` 100 and 1,000 to 2,000, `wan` 500 and 5,000 to 10,000.',
    trades: timingTrades,
    default: 'local',
  }),
  tickMs: integerField('NEXUS_CONSENSUS_TICK_MS', {
    means: 'The unit in which the times below are counted; of the preset when unset.',
    unit: 'ms',
    min: 1,
    max: 1_000,
  }),
  heartbeatMs: integerField('NEXUS_CONSENSUS_HEARTBEAT_MS', {
    means: 'How often a leader says that it lives; of the preset when unset.',
    trades: 'More often costs messages, and lets more of them be lost without an election.',
    unit: 'ms',
    min: 1,
    max: 60_000,
  }),
  electionMsMin: integerField('NEXUS_CONSENSUS_ELECTION_MS_MIN', {
    means: 'The shortest silence after which a replica stands for election; of the preset when unset.',
    trades: timingTrades,
    unit: 'ms',
    min: 2,
    max: 600_000,
  }),
  electionMsMax: integerField('NEXUS_CONSENSUS_ELECTION_MS_MAX', {
    means: 'The longest one; each time is drawn between the two. Of the preset when unset.',
    trades: 'Further from the shortest splits fewer votes, and may take longer.',
    unit: 'ms',
    min: 3,
    max: 600_000,
  }),
  consensusTimeoutMs: integerField('NEXUS_CONSENSUS_TIMEOUT_MS', {
    means: 'How long a read, a transfer or a change of members may take; a proposal names its own time.',
    trades: 'Longer outlasts a failover, and lets callers wait longer for a group that has no majority.',
    unit: 'ms',
    min: 100,
    max: 600_000,
    default: 10_000,
  }),
  snapshotEntries: integerField('NEXUS_CONSENSUS_SNAPSHOT_ENTRIES', {
    means: 'Entries after which the log is replaced by an image of the state.',
    trades:
      'More often keeps the log, and a restart, short; each image costs time in proportion to the state.',
    unit: 'entries',
    min: 100,
    max: 100_000_000,
    default: 200_000,
  }),
  snapshotBytes: integerField('NEXUS_CONSENSUS_SNAPSHOT_BYTES', {
    means: 'Bytes of commands after which it is, if that is sooner.',
    trades: 'As above; the log is held in memory as well.',
    unit: 'bytes',
    min: 65_536,
    max: 1_024 * 1_024 * 1_024,
    default: 64 * 1_024 * 1_024,
  }),
  entriesRetained: integerField('NEXUS_CONSENSUS_ENTRIES_RETAINED', {
    means: 'Entries that stay in the log below an image.',
    trades: 'More lets a replica that was away a little catch up without the whole image; they take memory.',
    unit: 'entries',
    max: 10_000_000,
    default: 20_000,
  }),
};

/** What the variables read as; all that concerns several of them is checked. */
export type ConsensusConfig = ConfigOf<typeof consensusFields>;

/** @throws NexusError `invalid_argument` naming every faulty variable */
export function loadConsensusConfig(env = process.env): ConsensusConfig {
  const config = loadConfig({ service: 'consensus', fields: consensusFields, env });
  const faults = [...replicaFaults(config), ...timingFaults(timingOf(config))];
  if (faults.length === 0) return config;
  const lines = faults.map(({ path, message }) => `  ${path}: ${message}`);
  throw new NexusError(
    'invalid_argument',
    `the configuration of consensus is at odds:\n${lines.join('\n')}`,
    {
      details: faults,
    },
  );
}

/** The initial group, sorted and without repetitions. */
export function initialReplicas({ replicas, replicaId }: ConsensusConfig): readonly ReplicaId[] {
  const named = replicas?.split(',').map((name) => name.trim()) ?? [replicaId];
  return [...new Set(named)].sort() as ReplicaId[];
}

/** The preset, with what was set apart from it. */
export function timingOf(config: ConsensusConfig): Timing {
  const preset = timings[config.timing];
  return {
    tickMs: config.tickMs ?? preset.tickMs,
    heartbeatMs: config.heartbeatMs ?? preset.heartbeatMs,
    electionMsMin: config.electionMsMin ?? preset.electionMsMin,
    electionMsMax: config.electionMsMax ?? preset.electionMsMax,
  };
}

const replicasMax = 31;

function replicaFaults(config: ConsensusConfig): ErrorDetail[] {
  const path = consensusFieldName.replicas;
  const replicas = initialReplicas(config);
  const wrong = replicas.find((name) => !idPattern.test(name));
  if (wrong !== undefined) return [{ path, message: 'must be ids of A-Z a-z 0-9 _ - divided by commas' }];
  return replicas.length > replicasMax ? [{ path, message: `must be at most ${replicasMax} replicas` }] : [];
}

function timingFaults({ tickMs, heartbeatMs, electionMsMin, electionMsMax }: Timing): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  if (heartbeatMs < tickMs)
    faults.push({ path: consensusFieldName.heartbeatMs, message: 'must be a tick at least' });
  if (electionMsMin < 2 * heartbeatMs) {
    faults.push({
      path: consensusFieldName.electionMsMin,
      message: 'must be two heartbeats at least: one that is lost must cost no election',
    });
  }
  if (electionMsMax < electionMsMin + tickMs) {
    faults.push({
      path: consensusFieldName.electionMsMax,
      message: 'must be above the shortest by a tick at least, so that times differ',
    });
  }
  return faults;
}

const consensusFieldName = {
  replicas: 'NEXUS_CONSENSUS_REPLICAS',
  heartbeatMs: 'NEXUS_CONSENSUS_HEARTBEAT_MS',
  electionMsMin: 'NEXUS_CONSENSUS_ELECTION_MS_MIN',
  electionMsMax: 'NEXUS_CONSENSUS_ELECTION_MS_MAX',
} as const;
