import { runService } from '@nexus/platform/service';
import { loadConsensusConfig } from './consensus.config.js';
import { consensusBlueprint } from './consensus.module.js';

/** Of a process whose replica ended for good; the log has the reason. */
const replicaFailedCode = 70;
/** What others asked of it may still be forwarded to the next leader, in milliseconds. */
const lastForwardsMs = 1_000;

await runService(
  consensusBlueprint(() => setTimeout(() => process.exit(replicaFailedCode), lastForwardsMs)),
  loadConsensusConfig,
);
