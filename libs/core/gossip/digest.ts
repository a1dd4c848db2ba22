import { type MemberState } from './member-state.js';
import { type DigestEntry } from './message.js';
import { type Membership } from './membership.js';
import { hotRounds } from './fan-out.js';
import { type Room } from './room.js';
import { noViewHash } from './view-hash.js';

/** What changed lately takes no more of a digest than this, when there is more to tell: else the rest is never told. */
const hotShare = 3 / 4;

/**
 * Says how far our knowledge goes, as far as there is room: who changed lately first, the rest in turn. Who is not named
 * is not asked for. Where there is no room for everybody, all but oneself are told of in brief.
 */
export class DigestWriter {
  /** Whose turn it is. */
  private cursor = 0;
  private exchanges = 0;
  private isBrief = false;

  constructor(private readonly membership: Membership) {}

  /** @param bytesMax of the messages that begin the exchanges of a round */
  beginRound(bytesMax: number): void {
    const { self, vouched } = this.membership;
    this.isBrief = vouched.size * self.inFull.size > bytesMax;
  }

  /** Begins an exchange: nobody was mentioned in it. */
  begin(): void {
    this.exchanges++;
  }

  /** It needs no mention any more in this exchange. */
  mark(state: MemberState): void {
    state.mentionedIn = this.exchanges;
  }

  /** @returns false: no room */
  add(digest: DigestEntry[], state: MemberState, room: Room): boolean {
    // Heartbeats of long ago, told one by one as they are read, would look like those of somebody who lives.
    if (this.membership.isCatchingUp && state !== this.membership.self) return true;
    const { entry, size } = this.isBrief && state !== this.membership.self ? state.inBrief : state.inFull;
    // What a leaf leaves out of an entry only makes it shorter.
    if (!room.take(size)) return false;
    digest.push(this.asWeTell(entry));
    this.mark(state);
    return true;
  }

  /** Oneself, and who changed lately. */
  addHot(digest: DigestEntry[], room: Room): void {
    const { self, recency, round, liveCount } = this.membership;
    const since = round - hotRounds(liveCount);
    const leave = room.left * (1 - hotShare);
    if (self.mentionedIn !== this.exchanges && !this.add(digest, self, room)) return;
    for (let state = recency.newest; state !== null && state.changedRound >= since; state = state.older) {
      if (room.left < leave) return;
      if (state.mentionedIn !== this.exchanges && !this.add(digest, state, room)) return;
    }
  }

  /** Everybody else, from where the turn is. */
  addInTurn(digest: DigestEntry[], room: Room): void {
    const { vouched } = this.membership;
    for (let left = vouched.size; left > 0; left--) {
      const state = vouched.at(this.cursor % vouched.size)!;
      if (state.mentionedIn !== this.exchanges && !this.add(digest, state, room)) return;
      this.cursor = (this.cursor + 1) % vouched.size;
    }
  }

  /** Two members that learned of the others in the same order must not tell the same half of them. */
  shuffle(random: () => number): void {
    this.cursor = Math.floor(random() * this.membership.vouched.size);
  }

  /** A leaf has no news of others to tell, only what it lacks. */
  private asWeTell(entry: DigestEntry): DigestEntry {
    const { self } = this.membership;
    if (self.kind === 'relay' || entry.id === self.id) return entry;
    return { ...entry, viewHash: noViewHash, vitals: '' };
  }
}
