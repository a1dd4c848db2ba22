import { type SessionStamp } from '@nexus/core/replicated-state';
import { randomBytes } from 'node:crypto';

const clientIdBytes = 9;

/**
 * This gateway as a client of the log (dissertation, §6.3): what it proposes again towards another leader is applied
 * once, whether or not the caller gave its request a name.
 */
export class ClientSession {
  private readonly clientId = randomBytes(clientIdBytes).toString('base64url');
  /** In the order in which they were opened: the first is the oldest. */
  private readonly open = new Set<number>();
  private lastSeq = 0;

  /** @param openedAtIndex an index that is known to be committed */
  constructor(private readonly openedAtIndex: number) {}

  /** Numbers a new request. */
  begin(): number {
    this.lastSeq += 1;
    this.open.add(this.lastSeq);
    return this.lastSeq;
  }

  /** The outcome is known, or not wanted any more. */
  settle(seq: number): void {
    this.open.delete(seq);
  }

  stamp(seq: number): SessionStamp {
    const [oldest = this.lastSeq + 1] = this.open;
    return {
      clientId: this.clientId,
      seq,
      settledBelow: oldest,
      openedAtIndex: this.openedAtIndex,
    };
  }
}
