import { endpoints } from '@nexus/contracts';
import { type Caller } from '@nexus/wire';

const clients = 256;
const keys = 1_000;
const timeoutMs = 5_000;
const filler = 'x'.repeat(64);

/** As much as the group takes, and nobody writes down: to see whether it stays calm. */
export class FullLoad {
  private readonly lanes: Promise<void>[];
  private stopping = false;
  committed = 0;
  failed = 0;

  constructor(private readonly caller: Caller) {
    this.lanes = Array.from({ length: clients }, (_, index) => this.lane(index));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.lanes);
  }

  private async lane(index: number): Promise<void> {
    for (let count = index; !this.stopping; count += clients) {
      const command = { type: 'put', key: `full.${count % keys}`, value: filler } as const;
      try {
        await this.caller.callRaw(
          endpoints.consensusPropose,
          {},
          { command },
          { timeoutMs, encoding: 'msgpack' },
        );
        this.committed += 1;
      } catch {
        this.failed += 1;
      }
    }
  }
}
