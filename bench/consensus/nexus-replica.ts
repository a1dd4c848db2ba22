// One replica of Nexus as its service runs it, which proposes to itself as it is told. It is configured by the
// environment like the service.
import { bootService, nameInstance } from '@nexus/platform/service';
import { createLogger } from '@nexus/platform/telemetry';
import { loadConsensusConfig } from '../../apps/consensus/src/consensus.config.js';
import { consensusBlueprint } from '../../apps/consensus/src/consensus.module.js';
import { ReplicaHost } from '../../apps/consensus/src/host/replica-host.js';
import { type Submitted } from '../../apps/consensus/src/replica/submission.js';
import { type Load } from '../measure/closed-loop.js';
import { answerParent } from '../processes/parent-line.js';
import { putCommand } from './command.js';
import { drive } from './drive.js';

/** Asks a replica whether it leads. */
export interface AskWhoLeads {
  readonly leads: true;
}

/** Its answer; null: it knows no leader. */
export interface Leads {
  readonly leads: boolean | null;
}

const config = loadConsensusConfig();
const instance = nameInstance('consensus', config.replicaId);
const logger = createLogger({ service: 'consensus', instanceId: config.replicaId, level: config.logLevel });
const blueprint = consensusBlueprint((error) => {
  throw error;
});
const { running } = await bootService(blueprint, { config, instance, logger });
const host = running.app.get(ReplicaHost);

const measure = drive(commit);
answerParent((message) => {
  const order = message as AskWhoLeads | Load;
  if (!('leads' in order)) return measure(order);
  const leads: Leads = { leads: host.leader === null ? null : host.leader === host.replicaId };
  return Promise.resolve(leads);
});

/** The way of a proposal that came to the leader itself. */
function commit(): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (submitted: Submitted) => {
      if (submitted.kind === 'applied' && submitted.outcome.kind === 'done') resolve();
      else reject(new Error(`the proposal was not committed: ${JSON.stringify(submitted)}`));
    };
    if (host.replica) host.replica.submit({ command: putCommand() }, settle);
    else reject(new Error('the replica does not take part'));
  });
}
