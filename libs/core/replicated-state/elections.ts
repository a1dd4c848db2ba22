/*
 * An office that one candidate holds while others wait, in the order in which they first stood. A candidacy ends unless
 * it is repeated, in office or not; so an office passes to somebody who was alive a moment ago, and passes at once.
 */
import { assert } from '@nexus/core/invariant';
import { type CampaignCommand, type ResignCommand } from './command.js';
import { type Candidacy, type Election } from './election.js';
import { ExpiryQueue } from './expiry-queue.js';
import { type FencingTokens } from './fencing-tokens.js';
import { captureElections, electionImage } from './captured-elections.js';
import { type ElectionImage } from './image.js';
import { type StateLimits } from './limits.js';
import { type Outcome, refused } from './outcome.js';
import { type ElectionReading } from './reading.js';
import { type TableImage } from './table-image.js';
import { isTtl, unfitTtl } from './ttl.js';
import { type Turn } from './turn.js';

const isBefore = (a: Candidacy, b: Candidacy) =>
  a.election === b.election ? a.candidate < b.candidate : a.election < b.election;

/** What an election and each of its candidates take in an image, in bytes. */
const rowBytes = 48;

export class Elections {
  private readonly elections = new Map<string, Election>();
  private readonly expiries = new ExpiryQueue<Candidacy>(isBefore);

  constructor(
    private readonly limits: StateLimits,
    private readonly tokens: FencingTokens,
  ) {}

  get nextExpiryMs(): number | null {
    return this.expiries.nextExpiryMs;
  }

  /** Stands for the office, or goes on standing, or stays in it. */
  campaign(turn: Turn, command: CampaignCommand): Outcome {
    const { election: name, candidate, ttlMs } = command;
    if (!isTtl(ttlMs)) return unfitTtl(turn);
    const election = this.settle(turn, name);
    const own = this.candidacy(turn, election, candidate);
    if (own !== undefined) this.expiries.move(own, turn.nowMs + ttlMs);
    else {
      const refusal = this.stand(turn, command, election);
      if (refusal !== null) return refusal;
    }
    return this.standing(turn, name, candidate);
  }

  /** Leaves the office to the first who waits, or stops waiting. */
  resign(turn: Turn, { election: name, candidate }: ResignCommand): Outcome {
    const election = this.settle(turn, name);
    const own = this.candidacy(turn, election, candidate);
    if (election === undefined || own === undefined)
      return refused(turn, 'not_found', 'is no candidate of this election', { path: 'command.candidate' });
    this.expiries.remove(own);
    this.withdraw(turn, election, own);
    return this.standing(turn, name, candidate);
  }

  /**
   * Ends what has expired by the entry's stamp, a bounded number at once; one more office may pass on, which takes no
   * longer than those who wait for it. An office whose holder is over is held by nobody until it passes on: when a
   * command asks for it, or when its turn comes.
   */
  expire(turn: Turn): void {
    const enough = this.expiries.size - turn.expiriesMax;
    while (this.expiries.size > enough) {
      const own = this.expiries.takeExpired(turn.nowMs);
      if (own === undefined) return;
      const election = this.elections.get(own.election);
      assert(election !== undefined, 'a candidacy that can end belongs to an election');
      this.withdraw(turn, election, own);
    }
  }

  isHeldWith({ nowMs }: Turn, name: string, fencingToken: number): boolean {
    const election = this.elections.get(name);
    return election?.fencingToken === fencingToken && election.leader.expiresAtMs > nowMs;
  }

  reading(name: string, nowMs: number): ElectionReading {
    const election = this.elections.get(name);
    if (election === undefined)
      return { election: name, leader: null, fencingToken: null, expiresInMs: null, waiting: [] };
    const { leader, fencingToken } = election;
    const waiting: string[] = [];
    for (const { candidate, expiresAtMs } of election.waiting.values())
      if (expiresAtMs > nowMs) waiting.push(candidate);
    const expiresInMs = leader.expiresAtMs - nowMs;
    if (expiresInMs <= 0)
      return { election: name, leader: null, fencingToken: null, expiresInMs: null, waiting };
    return { election: name, leader: leader.candidate, fencingToken, expiresInMs, waiting };
  }

  image(): TableImage<ElectionImage> {
    const captured = captureElections([...this.elections.values()], this.expiries.size);
    return {
      length: captured.elections.length,
      row: (at) => electionImage(captured, at),
      bytes: (at) => rowBytes * (1 + captured.firsts[at + 1]! - captured.firsts[at]!),
    };
  }

  restore(image: readonly ElectionImage[]): void {
    for (const [name, fencingToken, candidates] of image) {
      const candidacies = candidates.map(([candidate, expiresAtMs]) =>
        this.enter({ election: name, candidate, expiresAtMs, place: 0 }),
      );
      const [leader, ...others] = candidacies;
      if (leader === undefined) continue;
      const waiting = new Map(others.map((candidacy) => [candidacy.candidate, candidacy]));
      this.elections.set(name, { name, leader, fencingToken, waiting });
    }
  }

  /** The election with somebody in office whose time is not over: if it is, the office passes on here. */
  private settle(turn: Turn, name: string): Election | undefined {
    const election = this.elections.get(name);
    if (election === undefined || election.leader.expiresAtMs > turn.nowMs) return election;
    this.expiries.remove(election.leader);
    this.withdraw(turn, election, election.leader);
    return this.elections.get(name);
  }

  /** A candidacy in a settled election; one that is over ends at the latest here, and its place in the row with it. */
  private candidacy(turn: Turn, election: Election | undefined, candidate: string): Candidacy | undefined {
    if (election?.leader.candidate === candidate) return election.leader;
    const own = election?.waiting.get(candidate);
    if (own === undefined || own.expiresAtMs > turn.nowMs) return own;
    this.expiries.remove(own);
    election?.waiting.delete(candidate);
    return undefined;
  }

  /** Whether one more may wait. Who is over takes no place. */
  private hasPlace({ nowMs }: Turn, { waiting }: Election): boolean {
    if (waiting.size < this.limits.waitingPerElectionMax) return true;
    for (const own of waiting.values()) {
      if (own.expiresAtMs > nowMs) continue;
      this.expiries.remove(own);
      waiting.delete(own.candidate);
    }
    return waiting.size < this.limits.waitingPerElectionMax;
  }

  /** @returns null when the candidate stands */
  private stand(turn: Turn, command: CampaignCommand, election: Election | undefined): Outcome | null {
    const { election: name, candidate, ttlMs } = command;
    if (this.expiries.size >= this.limits.candidaciesMax)
      return refused(turn, 'overloaded', 'there are too many candidates in all elections');
    if (election !== undefined && !this.hasPlace(turn, election))
      return refused(turn, 'overloaded', 'too many candidates wait for this office');
    const own = this.enter({ election: name, candidate, expiresAtMs: turn.nowMs + ttlMs, place: 0 });
    if (election !== undefined) {
      election.waiting.set(candidate, own);
      return null;
    }
    const opened = { name, leader: own, fencingToken: 0, waiting: new Map<string, Candidacy>() };
    this.elections.set(name, opened);
    this.appoint(turn, opened, own);
    return null;
  }

  private enter(candidacy: Candidacy): Candidacy {
    this.expiries.add(candidacy);
    return candidacy;
  }

  /** Takes a candidacy out of its election that is no longer among the expiries. */
  private withdraw(turn: Turn, election: Election, own: Candidacy): void {
    if (election.leader !== own) {
      election.waiting.delete(own.candidate);
      return;
    }
    for (const next of election.waiting.values()) {
      election.waiting.delete(next.candidate);
      if (next.expiresAtMs > turn.nowMs) {
        this.appoint(turn, election, next);
        return;
      }
      this.expiries.remove(next);
    }
    const { name } = election;
    this.elections.delete(name);
    turn.changes.push({
      kind: 'election',
      index: turn.index,
      election: name,
      leader: null,
      fencingToken: null,
    });
  }

  private appoint({ index, changes }: Turn, election: Election, leader: Candidacy): void {
    election.leader = leader;
    election.fencingToken = this.tokens.issue(index);
    changes.push({
      kind: 'election',
      index,
      election: election.name,
      leader: leader.candidate,
      fencingToken: election.fencingToken,
    });
  }

  /** Says who holds the office; the token is the holder's alone. */
  private standing({ index, term }: Turn, name: string, candidate: string): Outcome {
    const election = this.elections.get(name);
    const value = election?.leader.candidate ?? null;
    if (election === undefined || value !== candidate)
      return { kind: 'done', index, term, version: index, value };
    return {
      kind: 'done',
      index,
      term,
      version: index,
      value,
      fencingToken: election.fencingToken,
    };
  }
}
