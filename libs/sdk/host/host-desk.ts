import { type Load } from '@nexus/contracts';
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

  constructor(
    readonly stats: HostStats,
    readonly report: (event: HostEvent) => void,
  ) {}

  loadOf({ queueDepth, active }: Loaded): Load {
    return { ...processLoad.read(), queueDepth, active };
  }

  drop(reason: 'malformed' | 'foreign_reply_subject' | 'expired' | 'not_registered', subject: string): void {
    this.report({ kind: 'message_dropped', reason, subject });
  }
}
