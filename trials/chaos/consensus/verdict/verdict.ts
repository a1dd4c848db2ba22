import {
  checkLinearizability,
  type RegisterAnswer,
  type RegisterCall,
  renderWindow,
  type Verdict,
  versionedRegister,
} from '@nexus/testing';
import { type ReplicaGroup } from '../group/replica-group.js';
import { type Recorder } from '../load/recorder.js';
import { RegisterClient } from '../load/register-client.js';
import { type Difference, readAll, stateDifferences } from './final-readings.js';
import { compareLogs, type LogComparison } from './logs-agree.js';
import { lostDecisions, type LostDecision } from './lost-decisions.js';
import { disorders } from './order.js';

/** How a violation of linearizability looks in a report. */
export type Linearizability =
  | Exclude<Verdict<RegisterCall, RegisterAnswer>, { kind: 'violation' }>
  | { readonly kind: 'violation'; readonly object: string; readonly window: readonly string[] };

export interface Judgement {
  readonly keys: number;
  /** Writes that were acknowledged. */
  readonly acknowledged: number;
  readonly lost: readonly LostDecision[];
  readonly linearizability: Linearizability;
  /** Acknowledgements that came after others and stand before them. */
  readonly outOfOrder: number;
  readonly stateDifferences: readonly Difference[];
  readonly logs: LogComparison;
}

/** Judges what the clients saw and what the replicas have. Ends the replicas: their logs are read. */
export async function judge(
  group: ReplicaGroup,
  recorder: Recorder,
  say: (line: string) => void,
): Promise<Judgement> {
  await group.whole();
  const { keys } = recorder;
  say(`judging: reading ${keys.length} keys, from the group and from each replica`);
  const readings = await readAll(new RegisterClient('last', group.caller, recorder), keys);
  // What is applied is applied everywhere before it is compared.
  await group.whole();
  const compared = await Promise.all(group.ids.map((id) => stateDifferences(group.caller, id, readings)));
  say('judging: comparing the logs on disk');
  await group.stopReplicas();
  const logs = await compareLogs(new Map(group.ids.map((id) => [id, group.logFolder(id)])));
  say(`judging: ${recorder.operations.length} operations`);
  return {
    keys: keys.length,
    acknowledged: recorder.acknowledged.length,
    lost: lostDecisions(recorder.acknowledged, readings),
    linearizability: linearizability(recorder),
    outOfOrder: disorders(recorder.acknowledged).length,
    stateDifferences: compared.flat(),
    logs,
  };
}

function linearizability({ operations }: Recorder): Linearizability {
  const verdict = checkLinearizability(versionedRegister, operations);
  if (verdict.kind !== 'violation') return verdict;
  const { kind, object, window } = verdict;
  return { kind, object, window: renderWindow(versionedRegister, window) };
}
