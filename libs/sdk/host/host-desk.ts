import { type Load } from '@nexus/contracts';
import { type AgentStats } from '../agent/agent-events.js';
import { processLoad } from '../agent/process-load.js';
import { type HostEvent, type HostStats } from './host-events.js';

/** An agent as far as its load goes. */
export interface Loaded {
  readonly agentId: string;
  readonly queueDepth: number;
  readonly active: number;
}

/** What agents and messages of a host have in common. */
export class HostDesk {
  /** Messages whose handlers have not all ended. */
  readonly running = new Set<{ abort(reason: Error): void }>();
  /** Agents with something under way or waiting. */
  readonly busy = new Set<Loaded>();

  /** What agents count of messages in causal order, as long as they keep the order. */
  private readonly ordered = new Set<Readonly<AgentStats>>();

  constructor(
    readonly stats: HostStats,
    readonly report: (event: HostEvent) => void,
  ) {}

  /** Counts since the start, with those of messages in causal order. */
  get sum(): HostStats {
    const sum = { ...this.stats };
    for (const stats of this.ordered) for (const field of countedInOrder) sum[field] += stats[field];
    return sum;
  }

  /** An agent begins to count what comes in causal order. */
  beginOrder(stats: Readonly<AgentStats>): void {
    this.ordered.add(stats);
  }

  /** The agent has left: what it has counted stays counted. */
  endOrder(stats: Readonly<AgentStats>): void {
    if (!this.ordered.delete(stats)) return;
    for (const field of countedInOrder) if (field !== 'stuck') this.stats[field] += stats[field];
  }

  loadOf({ queueDepth, active }: Loaded): Load {
    return { ...processLoad.read(), queueDepth, active };
  }

  drop(reason: 'malformed' | 'foreign_reply_subject' | 'expired' | 'not_registered', subject: string): void {
    this.report({ kind: 'message_dropped', reason, subject });
  }
}

/** What an agent counts of messages in causal order, as the host does of others. */
const countedInOrder = [
  'answered',
  'refused',
  'overloaded',
  'outdated',
  'expired',
  'notRegistered',
  'duplicates',
  'lost',
  'stuck',
] as const;
