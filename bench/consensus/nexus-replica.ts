// One replica of Nexus as its service runs it, which proposes to itself as it is told. It is configured by the
// environment like the service.
import { commandSchema } from '@nexus/contracts';
import { bootService, nameInstance } from '@nexus/platform/service';
import { createLogger } from '@nexus/platform/telemetry';
import { loadConsensusConfig } from '../../apps/consensus/src/consensus.config.js';
import { consensusBlueprint } from '../../apps/consensus/src/consensus.module.js';
import { type Ended } from '../../apps/consensus/src/gateway/errand.js';
import { Gateway } from '../../apps/consensus/src/gateway/gateway.js';
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
const gateway = running.app.get(Gateway);
const forwardTimeoutMs = 10_000;

const measure = drive(commit);
answerParent((message) => {
  const order = message as AskWhoLeads | Load;
  if (!('leads' in order)) return measure(order);
  const leads: Leads = { leads: host.leader === null ? null : host.leader === host.replicaId };
  return Promise.resolve(leads);
});

/** The way of a proposal that came to the leader itself; should another one lead by now, it is asked. */
async function commit(): Promise<void> {
  const command = putCommand();
  const ended = (await submitted(command)) ?? (await forwarded(command));
  if (ended.kind === 'applied' && ended.outcome.kind === 'done') return;
  throw new Error(`the proposal was not committed: ${JSON.stringify(ended)}`);
}

const submitted = (command: ReturnType<typeof putCommand>): Promise<Submitted | undefined> =>
  new Promise((resolve) => {
    if (host.replica === undefined) resolve(undefined);
    else
      host.replica.submit({ command }, (settled) =>
        resolve(settled.kind === 'applied' ? settled : undefined),
      );
  });

const forwarded = (command: ReturnType<typeof putCommand>): Promise<Ended> =>
  gateway.run({ kind: 'propose', command: commandSchema.parse(command) }, forwardTimeoutMs);
