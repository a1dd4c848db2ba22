import { type RoundReport } from '../round.js';
import { type Times, timesOf } from '../../times.js';

/** What a failover after the death of a leader should take, in milliseconds. */
export const failoverGoal = { p50Ms: 450, p99Ms: 1_000 } as const;

/** Failovers after the death of a leader, beside their goal. The goal is no part of the verdict: machines are shared. */
export interface LeaderKilled extends Times {
  readonly goal: typeof failoverGoal;
  readonly isMet: boolean;
}

/** Of all rounds that killed the leader, with a follower or alone; null when none did. */
export function leaderKilled(rounds: readonly RoundReport[]): LeaderKilled | null {
  const killed = rounds.filter(({ kind }) => kind.startsWith('kill leader'));
  if (killed.length === 0) return null;
  const times = timesOf(killed.map(({ failoverMs }) => failoverMs));
  const isMet = times.p50Ms <= failoverGoal.p50Ms && times.p99Ms <= failoverGoal.p99Ms;
  return { ...times, goal: failoverGoal, isMet };
}
