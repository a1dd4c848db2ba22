import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { type MeshMember } from '@nexus/mesh';

export interface PublishedKeyOptions {
  readonly mesh: Pick<MeshMember, 'put'>;
  /** As others find it: `leader`, `routes`. */
  readonly key: string;
  /** What it tells now, as JSON has it; undefined: nothing yet. */
  readonly read: () => unknown;
  /** How often that is looked at: it is published no more often, and only when it has changed. */
  readonly everyMs: number;
}

/**
 * Keeps one key of this member telling what the process knows: a hint for others, never a record. One that is not taken
 * costs nobody the process: the gossip counts it, the log names it once, and it is tried again.
 */
export class PublishedKey implements OnModuleDestroy {
  private readonly logger = new Logger('Mesh');
  private readonly timer: NodeJS.Timeout;
  private told: string | undefined;
  private isFailing = false;

  constructor(private readonly options: PublishedKeyOptions) {
    this.timer = setInterval(() => this.look(), options.everyMs);
    this.look();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    try {
      this.publish();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.logger.warn(`${this.options.key} is not told to others: ${String(error)}`);
      this.isFailing = true;
    }
  }

  private publish(): void {
    const { mesh, key, read } = this.options;
    const value = read();
    const text = JSON.stringify(value);
    if (value === undefined || text === this.told) return;
    mesh.put(key, value);
    this.told = text;
  }
}
