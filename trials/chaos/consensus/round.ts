import { setTimeout as sleep } from 'node:timers/promises';
import { type SeededRandom } from '@nexus/testing';
import { type Inflict } from './faults/fault.js';
import { type ReplicaGroup, type Standing } from './group/replica-group.js';
import { type FailoverProbe } from './load/failover-probe.js';

export interface RoundOptions {
  readonly number: number;
  readonly inflict: Inflict;
  readonly group: ReplicaGroup;
  readonly random: SeededRandom;
  readonly probe: FailoverProbe;
  readonly signal: AbortSignal;
}

/** What one fault did. */
export interface RoundReport {
  readonly round: number;
  readonly kind: string;
  readonly replicas: readonly string[];
  /** From the fault to the next acknowledged proposal that was made after it. */
  readonly failoverMs: number;
  /** From the mending until all replicas take part again and have caught up. */
  readonly backMs: number;
  readonly termBefore: number;
  readonly termAfter: number;
  /** Terms that began after the last round had ended and before this fault: nothing was broken then. */
  readonly falseElections: number;
}

const calmMs = { min: 200, max: 700 };

/** One fault, from a group that is whole to a group that is whole again. */
export async function playRound(options: RoundOptions, before: Standing): Promise<[RoundReport, Standing]> {
  const { number, inflict, group, random, probe, signal } = options;
  await sleep(random.between(calmMs.min, calmMs.max), undefined, { signal });
  const { leader, term } = await group.whole();
  const damage = await inflict({ group, random, leader });
  const failoverMs = await probe.untilAcknowledged(`round-${number}`, damage.atMs);
  await sleep(damage.holdMs, undefined, { signal });
  await damage.mend();
  const mendedAtMs = performance.now();
  const after = await group.whole();
  const report = {
    round: number,
    kind: damage.kind,
    replicas: damage.replicas,
    failoverMs,
    backMs: performance.now() - mendedAtMs,
    termBefore: term,
    termAfter: after.term,
    falseElections: term - before.term,
  };
  return [report, after];
}
