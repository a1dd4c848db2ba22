import { type MemberId } from '@nexus/contracts';

/** Share of the newest measurement in the average of a peer. */
const newest = 0.2;

/** How long messages take to other members and back, learned from the exchanges that gossip makes anyway. */
export class RoundTrips {
  private readonly asked = new Map<MemberId, number>();
  private readonly averages = new Map<MemberId, number>();

  /** @param peersMax peers that are remembered; who was measured first is forgotten first */
  constructor(private readonly peersMax: number) {}

  /** Something was sent that the peer answers at once. */
  sent(to: MemberId, nowMs: number): void {
    this.asked.set(to, nowMs);
    forgetOldest(this.asked, this.peersMax);
  }

  /** It answered: to the latest, as far as one can tell, and each question counts once. */
  answered(from: MemberId, nowMs: number): void {
    const askedMs = this.asked.get(from);
    if (askedMs === undefined) return;
    this.asked.delete(from);
    const measuredMs = Math.max(0, nowMs - askedMs);
    const before = this.averages.get(from) ?? measuredMs;
    this.averages.set(from, before + newest * (measuredMs - before));
    forgetOldest(this.averages, this.peersMax);
  }

  /** Undefined until it was measured. */
  of(peer: MemberId): number | undefined {
    return this.averages.get(peer);
  }

  forget(peer: MemberId): void {
    this.asked.delete(peer);
    this.averages.delete(peer);
  }

  /** Over all peers; undefined until one was measured. */
  get medianMs(): number | undefined {
    const sorted = [...this.averages.values()].sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)];
  }
}

function forgetOldest(map: Map<MemberId, number>, max: number): void {
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
