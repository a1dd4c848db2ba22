import { type Channel } from './stamp.js';

export interface BeaconOptions {
  /** After a broadcast, until its sequence is told the first time; each time after that twice as long, up to the last. */
  readonly beaconFirstMs: number;
  readonly beaconLastMs: number;
}

interface Beacon {
  sequence: number;
  delayMs: number;
  dueAtMs: number;
  /** Until when further broadcasts may put it off; undefined: nothing was sent since it was told last. */
  latestMs: number | undefined;
}

/** While broadcasts follow each other each shows the loss of those before, so that beacons may be so much rarer. */
const busyPatience = 8;

/**
 * When a sender tells how far it has come. The loss of a broadcast shows when a later one arrives; of the last one, only
 * by being told. Soon at first, when it may be missed, then ever more seldom, for who was away for long.
 */
export class Beacons {
  private readonly beacons = new Map<Channel, Beacon>();

  constructor(private readonly options: BeaconOptions) {}

  /** The earliest that something is to be told; undefined: nothing was ever sent. */
  get dueAtMs(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAtMs } of this.beacons.values()) earliest = Math.min(dueAtMs, earliest ?? dueAtMs);
    return earliest;
  }

  sent(channel: Channel, sequence: number, nowMs: number): void {
    const delayMs = this.options.beaconFirstMs;
    const latestMs = this.beacons.get(channel)?.latestMs ?? nowMs + busyPatience * delayMs;
    this.beacons.set(channel, {
      ...{ sequence, delayMs, latestMs },
      dueAtMs: Math.min(nowMs + delayMs, latestMs),
    });
  }

  /** What is to be told now; it comes due again later. */
  take(nowMs: number): ReadonlyMap<Channel, number> {
    const due = new Map<Channel, number>();
    for (const [channel, beacon] of this.beacons) {
      if (beacon.dueAtMs > nowMs) continue;
      due.set(channel, beacon.sequence);
      beacon.latestMs = undefined;
      beacon.delayMs = Math.min(beacon.delayMs * 2, this.options.beaconLastMs);
      beacon.dueAtMs = nowMs + beacon.delayMs;
    }
    return due;
  }
}
