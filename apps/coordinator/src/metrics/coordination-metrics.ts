import { type AlgorithmName, type CoordinateReply, type ErrorCode, type Goal } from '@nexus/contracts';
import { KeyAccount } from './key-account.js';
import { keyIndexOf, metricKeys } from './metric-key.js';

/**
 * Counts what coordinations come to, in plain numbers: a coordination costs it a few additions, and nothing is sent from
 * here. Whoever shows or shares the figures reads them.
 */
export class CoordinationMetrics {
  /** In the order of `metricKeys`. */
  readonly accounts: readonly KeyAccount[] = metricKeys.map(() => new KeyAccount());
  private running = 0;

  /** Coordinations under way. */
  get inFlight(): number {
    return this.running;
  }

  /** To be followed by `end`, whatever comes between. */
  begin(): void {
    this.running++;
  }

  end(): void {
    this.running--;
  }

  /** A coordination came to its reply. */
  served(reply: CoordinateReply): void {
    const account = this.accountFor(reply);
    const { durationMs, agents } = reply.performance;
    const cell = account.cell(reply.layer, reply.status);
    cell.count++;
    cell.agents += agents;
    cell.durationMs.observe(durationMs);
    const amount = reply.type === 'load_balance' ? noteWork(account, reply.result) : agents;
    if (durationMs > 0) cell.throughputPerS.observe((amount / durationMs) * 1_000);
  }

  /** A coordination ended with an error instead of a reply. */
  refused(goal: Goal, code: ErrorCode): void {
    const name = goal.type === 'load_balance' ? goal.algorithm : goal.type;
    this.accounts[keyIndexOf(name)]!.refuse(code);
  }

  /** Agents were picked for work that somebody else sends. */
  assigned(algorithm: AlgorithmName, agentIds: readonly string[]): void {
    const account = this.accounts[keyIndexOf(algorithm)]!;
    account.unitsAssigned += agentIds.length;
    for (const agentId of agentIds) account.assign(agentId);
  }

  /** Layers that do not balance share out in turn, whatever was asked for. */
  private accountFor({ type, explain }: CoordinateReply): KeyAccount {
    const name = type === 'load_balance' ? (explain.balancing?.algorithm ?? 'round_robin') : type;
    return this.accounts[keyIndexOf(name)]!;
  }
}

/** Counts units and who got them; returns how many units there were. */
function noteWork(
  account: KeyAccount,
  { assignments, results }: Extract<CoordinateReply, { type: 'load_balance' }>['result'],
): number {
  if (!results) {
    account.unitsAssigned += assignments.length;
    for (const { agentId } of assignments) account.assign(agentId);
    return assignments.length;
  }
  for (const { agentId, ok, attempts } of results) {
    if (ok) account.unitsDone++;
    else account.unitsFailed++;
    // What was never sent was nobody's, whoever is named for it.
    if (attempts > 0) account.assign(agentId);
  }
  return results.length;
}
