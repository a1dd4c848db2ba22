import { NexusError } from '@nexus/contracts';
import { type History } from '../history/history.js';
import { byNode, type NodeWork } from './node-figures.js';

/** How far back work tells how a node is, in milliseconds. */
const recentMs = 60_000;
const keptMs = 2_000;

type Known = ReadonlyMap<string, NodeWork>;

/** What nodes did of late, read at most once in two seconds, however many ask. */
export class RecentWork {
  private known: Promise<Known> | undefined;
  private readAtMs = -Infinity;

  constructor(private readonly history: Pick<History, 'latestWork'>) {}

  /** While Redis is away nothing is known, and the hash decides. */
  read(): Promise<Known> {
    const nowMs = performance.now();
    if (this.known === undefined || nowMs - this.readAtMs > keptMs) {
      this.readAtMs = nowMs;
      this.known = this.readNow();
    }
    return this.known;
  }

  private async readNow(): Promise<Known> {
    try {
      return byNode(await this.history.latestWork(recentMs));
    } catch (error) {
      this.known = undefined;
      if (NexusError.from(error).code === 'unavailable') return new Map();
      throw error;
    }
  }
}
