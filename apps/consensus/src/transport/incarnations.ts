import { type MemberId } from '@nexus/core/raft';

/** Lives that a member is remembered to have had; a member's last messages do not outlive that many restarts. */
const pastMax = 8;
/** Members that are remembered; more than a group has, with all its newcomers. */
const membersMax = 256;
/** Messages of a past life, with none of the current one between them, by which it is alive: late ones come to an end. */
const provenBy = 8;

interface Lives {
  current: string;
  /** Messages of past lives since the last one of the current life. */
  outOfDate: number;
  readonly past: string[];
}

/** Tells what a member's process sends from what an earlier process of it had sent, and which came late. */
export class Incarnations {
  private readonly lives = new Map<MemberId, Lives>();

  /**
   * Whether this is the latest life that was heard of; a new one ends those before it. Lives have no order of their own:
   * when the first that is heard of a member is late itself, the living one is taken for past until it goes on.
   */
  isCurrent(member: MemberId, incarnation: string): boolean {
    const lives = this.lives.get(member);
    if (lives === undefined) {
      this.remember(member, { current: incarnation, outOfDate: 0, past: [] });
      return true;
    }
    if (lives.current === incarnation) {
      lives.outOfDate = 0;
      return true;
    }
    if (lives.past.includes(incarnation) && ++lives.outOfDate < provenBy) return false;
    replaceCurrent(lives, incarnation);
    return true;
  }

  private remember(member: MemberId, lives: Lives): void {
    if (this.lives.size >= membersMax) {
      const [oldest] = this.lives.keys();
      if (oldest !== undefined) this.lives.delete(oldest);
    }
    this.lives.set(member, lives);
  }
}

function replaceCurrent(lives: Lives, incarnation: string): void {
  lives.past.push(lives.current);
  if (lives.past.length > pastMax) lives.past.shift();
  lives.current = incarnation;
  lives.outOfDate = 0;
}
