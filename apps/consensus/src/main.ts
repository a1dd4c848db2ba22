import { runService } from '@nexus/platform/service';
import { loadConsensusConfig } from './consensus.config.js';
import { consensusBlueprint } from './consensus.module.js';

/** Of a process whose replica ended for good; the log has the reason. */
const replicaFailedCode = 70;

await runService(
  consensusBlueprint(() => process.exit(replicaFailedCode)),
  loadConsensusConfig,
);
