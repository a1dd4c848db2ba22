import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  type IntelligenceBeacon,
  type IntelligenceSnapshot,
  NexusError,
  subjectOf,
  subjects,
} from '@nexus/contracts';
import { type Connection, encodeBody } from '@nexus/wire';
import { type InUse, nowBy, type Registry, snapshotOf } from './registry.js';

export interface ModelsInUseOptions {
  readonly registry: Registry;
  readonly connection: Connection;
  readonly prefix: string;
  /** How often coordinators are told where the snapshot stands, in milliseconds. Default 2000. */
  readonly beaconMs?: number;
}

/** How often this replica looks what others have changed. */
const refreshMs = 1_000;

/**
 * What is in use, in memory: every replica serves it, also while Redis is away. Coordinators hear every other second where
 * it stands, and that somebody is there.
 */
export class ModelsInUse implements OnApplicationShutdown {
  private readonly logger = new Logger('ModelsInUse');
  private readonly timers: readonly NodeJS.Timeout[];
  private known: InUse | undefined;
  private refreshing: Promise<InUse> | undefined;
  private isBroken = false;

  constructor(private readonly options: ModelsInUseOptions) {
    this.timers = [
      setInterval(() => void this.tryRefresh(), refreshMs),
      setInterval(() => this.beacon(), options.beaconMs ?? 2_000),
    ];
    void this.tryRefresh().then(() => this.beacon());
  }

  /** As it was read last; undefined before that. */
  get latest(): InUse | undefined {
    return this.known;
  }

  /** @throws NexusError `unavailable` while it cannot be read, and never could */
  async current(): Promise<IntelligenceSnapshot> {
    return snapshotOf(this.known ?? (await this.refresh()));
  }

  /** Reads it anew, and tells coordinators when it has changed. */
  async refresh(): Promise<InUse> {
    const before = this.known?.revision;
    this.refreshing ??= this.options.registry.read().finally(() => {
      this.refreshing = undefined;
    });
    this.known = await this.refreshing;
    if (before !== undefined && before !== this.known.revision) this.beacon();
    return this.known;
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Of an outage whoever asks is told; anything else is logged once, until it is over. */
  private async tryRefresh(): Promise<void> {
    try {
      await this.refresh();
      this.isBroken = false;
    } catch (error) {
      if (NexusError.from(error).code === 'unavailable') return;
      if (!this.isBroken) this.logger.error(error);
      this.isBroken = true;
    }
  }

  private beacon(): void {
    const { connection, prefix } = this.options;
    if (this.known === undefined || !connection.connected) return;
    const { epoch, revision, lastTrainedAt } = this.known;
    const trainedAgeMs =
      lastTrainedAt === undefined ? null : Math.max(0, nowBy(this.known) - Date.parse(lastTrainedAt));
    const beacon: IntelligenceBeacon = { epoch, revision, trainedAgeMs };
    connection.publish(subjectOf(prefix, subjects.intelligenceBeacon, {}), encodeBody(beacon));
  }
}
