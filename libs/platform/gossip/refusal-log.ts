import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { type MeshMember, type SharedKeys } from '@nexus/mesh';

const everyMs = 30_000;

/** Says in the log, now and then, what gossip was not taken since the last time: a misconfigured member, or a hostile one. */
export class RefusalLog implements OnModuleDestroy {
  private readonly logger = new Logger('Mesh');
  private readonly timer: NodeJS.Timeout;
  private told: string;

  constructor(
    private readonly mesh: MeshMember,
    private readonly keys: SharedKeys,
  ) {
    this.told = this.figures();
    this.timer = setInterval(() => this.look(), everyMs);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const figures = this.figures();
    if (figures === this.told) return;
    this.told = figures;
    this.logger.warn(`gossip that was not taken, since the start: ${figures}`);
  }

  private figures(): string {
    const { refused, malformed, flooded, vitalsFaults, listenerFaults } = this.mesh.stats();
    const values = this.keys.stats();
    return JSON.stringify({
      ...refused,
      ...{ malformed, flooded, vitalsFaults },
      sharedValues: values.refusedValues,
      listenerFaults: listenerFaults + values.listenerFaults,
    });
  }
}
