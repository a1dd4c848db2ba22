import { type SenderId } from './stamp.js';

/** Another's word on how far a sender has come. */
export interface Claim {
  /** The sender of the message that comes after it. */
  readonly by: SenderId;
  readonly sequence: number;
}

/** Enough for each claimant to have several messages under way, of which each names another place. */
const claimsMax = 128;

/** What others say of how far one sender has come. Bounded: what was said longest ago makes room. */
export class Claims {
  private readonly said = new Map<string, Claim>();

  note(claim: Claim): void {
    const key = keyOf(claim);
    this.said.delete(key);
    this.said.set(key, claim);
    if (this.said.size <= claimsMax) return;
    const [oldest] = this.said.keys();
    if (oldest !== undefined) this.said.delete(oldest);
  }

  has(claim: Claim): boolean {
    return this.said.has(keyOf(claim));
  }

  /** Takes out those of a sequence and all before. */
  takeUpTo(sequence: number): Claim[] {
    const taken = [...this.said.values()].filter((claim) => claim.sequence <= sequence);
    for (const claim of taken) this.said.delete(keyOf(claim));
    return taken;
  }

  clear(): void {
    this.said.clear();
  }
}

const keyOf = ({ by, sequence }: Claim): string => `${sequence} ${by}`;
