import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { type MeshMember, type SharedKeys } from '@nexus/mesh';
import { type Drops } from '@nexus/platform/nats';

const everyMs = 30_000;

/** Shows what gossip was not taken, in the service's figures and now and then in its log: a misconfigured member, or a hostile one. */
export class RefusalLog implements OnModuleDestroy {
  private readonly logger = new Logger('Mesh');
  private readonly timer: NodeJS.Timeout;
  private told: string;

  constructor(
    private readonly mesh: MeshMember,
    private readonly keys: SharedKeys,
    drops: Drops,
  ) {
    drops.show('gossip', () => this.figures());
    this.told = JSON.stringify(this.figures());
    this.timer = setInterval(() => this.look(), everyMs);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const figures = JSON.stringify(this.figures());
    if (figures === this.told) return;
    this.told = figures;
    this.logger.warn(`gossip that was not taken, since the start: ${figures}`);
  }

  private figures(): Readonly<Record<string, number>> {
    const { refused, malformed, flooded, vitalsFaults, listenerFaults } = this.mesh.stats();
    const values = this.keys.stats();
    return {
      ...refused,
      ...{ malformed, flooded, vitalsFaults },
      sharedValues: values.refusedValues,
      failedTakeOvers: values.failedTakeOvers,
      listenerFaults: listenerFaults + values.listenerFaults,
    };
  }
}
