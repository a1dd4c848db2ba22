/*
 * The right to a resource, for a time by the clock of the log. The time bounds how long a dead owner is in the way; it
 * does not make a living one safe, who may be paused past its end without knowing. The fencing token does: whoever was
 * granted the lease later has a greater one, and what the lease protects refuses the smaller.
 */
import { type AcquireCommand, type ReleaseCommand, type RenewCommand } from './command.js';
import { ExpiryQueue, type Expiring } from './expiry-queue.js';
import { type FencingTokens } from './fencing-tokens.js';
import { type LeaseImage } from './image.js';
import { type StateLimits } from './limits.js';
import { type Outcome, type Refused, refused } from './outcome.js';
import { type LeaseReading } from './reading.js';
import { type TableImage } from './table-image.js';
import { isTtl, unfitTtl } from './ttl.js';
import { type Turn } from './turn.js';

interface Lease extends Expiring {
  readonly resource: string;
  readonly owner: string;
  fencingToken: number;
}

/** What a row takes beside its names, in bytes. */
const rowBytes = 32;

export class Leases {
  private readonly leases = new Map<string, Lease>();
  private readonly expiries = new ExpiryQueue<Lease>((a, b) => a.resource < b.resource);

  constructor(
    private readonly limits: StateLimits,
    private readonly tokens: FencingTokens,
  ) {}

  get nextExpiryMs(): number | null {
    return this.expiries.nextExpiryMs;
  }

  /**
   * Whoever holds it already gets a new token: an owner that asks anew has forgotten that it holds the lease, and what
   * its former life may still be doing must be fenced off. (A retry of one request never comes here twice.)
   */
  acquire(turn: Turn, { resource, owner, ttlMs }: AcquireCommand): Outcome {
    if (!isTtl(ttlMs)) return unfitTtl(turn);
    const expiresAtMs = turn.nowMs + ttlMs;
    const held = this.live(turn, resource);
    if (held !== undefined && held.owner !== owner)
      return refused(turn, 'conflict', 'the lease is held by another', {
        retryAfterMs: held.expiresAtMs - turn.nowMs,
      });
    if (held === undefined && this.leases.size >= this.limits.leasesMax)
      return refused(turn, 'overloaded', 'there are too many leases');
    const fencingToken = this.tokens.issue(turn.index);
    if (held === undefined) {
      const lease = { resource, owner, fencingToken, expiresAtMs, place: 0 };
      this.leases.set(resource, lease);
      this.expiries.add(lease);
    } else {
      held.fencingToken = fencingToken;
      this.expiries.move(held, expiresAtMs);
    }
    turn.changes.push({ kind: 'lease', index: turn.index, resource, owner, fencingToken });
    return { kind: 'done', index: turn.index, term: turn.term, version: turn.index, fencingToken };
  }

  renew(turn: Turn, command: RenewCommand): Outcome {
    if (!isTtl(command.ttlMs)) return unfitTtl(turn);
    const lease = this.heldBy(turn, command);
    if ('kind' in lease) return lease;
    this.expiries.move(lease, turn.nowMs + command.ttlMs);
    const { fencingToken } = lease;
    return { kind: 'done', index: turn.index, term: turn.term, version: turn.index, fencingToken };
  }

  release(turn: Turn, command: ReleaseCommand): Outcome {
    const lease = this.heldBy(turn, command);
    if ('kind' in lease) return lease;
    this.expiries.remove(lease);
    this.end(turn, lease);
    return { kind: 'done', index: turn.index, term: turn.term, version: 0 };
  }

  /**
   * Ends what has expired by the entry's stamp, a bounded number at once, so that no entry takes long however many end
   * together. What is left over is held by nobody either, and ends when a command asks for it or when its turn comes.
   */
  expire(turn: Turn): void {
    for (let count = 0; count < turn.expiriesMax; count++) {
      const lease = this.expiries.takeExpired(turn.nowMs);
      if (lease === undefined) return;
      this.end(turn, lease);
    }
  }

  isHeldWith({ nowMs }: Turn, resource: string, fencingToken: number): boolean {
    const lease = this.leases.get(resource);
    return lease?.fencingToken === fencingToken && lease.expiresAtMs > nowMs;
  }

  reading(resource: string, nowMs: number): LeaseReading {
    const lease = this.leases.get(resource);
    if (lease === undefined || lease.expiresAtMs <= nowMs)
      return { resource, owner: null, fencingToken: null, expiresInMs: null };
    const { owner, fencingToken, expiresAtMs } = lease;
    return { resource, owner, fencingToken, expiresInMs: expiresAtMs - nowMs };
  }

  image(): TableImage<LeaseImage> {
    const leases = [...this.leases.values()];
    const tokens = new Float64Array(leases.length);
    const ends = new Float64Array(leases.length);
    for (let at = 0; at < leases.length; at++) {
      tokens[at] = leases[at]!.fencingToken;
      ends[at] = leases[at]!.expiresAtMs;
    }
    return {
      length: leases.length,
      row: (at) => [leases[at]!.resource, leases[at]!.owner, tokens[at]!, ends[at]!],
      bytes: (at) => rowBytes + leases[at]!.resource.length + leases[at]!.owner.length,
    };
  }

  restore(image: readonly LeaseImage[]): void {
    for (const [resource, owner, fencingToken, expiresAtMs] of image) {
      const lease = { resource, owner, fencingToken, expiresAtMs, place: 0 };
      this.leases.set(resource, lease);
      this.expiries.add(lease);
    }
  }

  private heldBy(turn: Turn, command: RenewCommand | ReleaseCommand): Lease | Refused {
    const lease = this.live(turn, command.resource);
    if (lease === undefined)
      return refused(turn, 'not_found', 'the lease is not held: it ended or never began');
    if (lease.owner !== command.owner) return refused(turn, 'conflict', 'the lease is held by another');
    if (command.fencingToken !== undefined && command.fencingToken !== lease.fencingToken)
      return refused(turn, 'conflict', 'the lease is held with another token', {
        path: 'command.fencingToken',
      });
    return lease;
  }

  /** The lease if somebody holds it; one that is over ends at the latest here. */
  private live(turn: Turn, resource: string): Lease | undefined {
    const lease = this.leases.get(resource);
    if (lease === undefined || lease.expiresAtMs > turn.nowMs) return lease;
    this.expiries.remove(lease);
    this.end(turn, lease);
    return undefined;
  }

  private end({ index, changes }: Turn, { resource }: Lease): void {
    this.leases.delete(resource);
    changes.push({ kind: 'lease', index, resource, owner: null, fencingToken: null });
  }
}
