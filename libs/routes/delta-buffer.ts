import { type Route, type RouteDelta } from '@nexus/core/route-table';

/** Deltas that came too early to be applied: while a snapshot is on its way, or behind a missing one. */
export class DeltaBuffer<R extends Route> {
  private readonly deltas = new Map<string, RouteDelta<R>>();
  private lost = false;

  constructor(private readonly sizeMax: number) {}

  get size(): number {
    return this.deltas.size;
  }

  /** Whether deltas had to be dropped since the last `clear`, so that only another snapshot helps. */
  get overflowed(): boolean {
    return this.lost;
  }

  add(delta: RouteDelta<R>): void {
    if (this.deltas.size >= this.sizeMax) this.lost = true;
    else this.deltas.set(key(delta.epoch, delta.version), delta);
  }

  /** Removes and returns the delta that makes this version, if it is here. */
  take(epoch: string, version: number): RouteDelta<R> | undefined {
    const at = key(epoch, version);
    const delta = this.deltas.get(at);
    this.deltas.delete(at);
    return delta;
  }

  /** Forgets what a table at this position has no use for. */
  forgetUpTo(epoch: string, version: number): void {
    for (const [at, delta] of this.deltas) {
      if (delta.epoch !== epoch || delta.version <= version) this.deltas.delete(at);
    }
  }

  clear(): void {
    this.deltas.clear();
    this.lost = false;
  }
}

const key = (epoch: string, version: number) => `${epoch} ${version}`;
