import { type MemberId } from '@nexus/core/raft';

/** Lives that a member is remembered to have had; a member's last messages do not outlive that many restarts. */
const pastMax = 8;
/** Members that are remembered; more than a group has, with all its newcomers. */
const membersMax = 256;

interface Lives {
  current: string;
  readonly past: string[];
}

/** Tells what a member's process sends from what an earlier process of it had sent, and which came late. */
export class Incarnations {
  private readonly lives = new Map<MemberId, Lives>();

  /** Whether this is the latest life that was heard of; a new one ends those before it. */
  isCurrent(member: MemberId, incarnation: string): boolean {
    const lives = this.lives.get(member);
    if (lives?.current === incarnation) return true;
    if (lives === undefined) {
      this.remember(member, { current: incarnation, past: [] });
      return true;
    }
    if (lives.past.includes(incarnation)) return false;
    lives.past.push(lives.current);
    if (lives.past.length > pastMax) lives.past.shift();
    lives.current = incarnation;
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
