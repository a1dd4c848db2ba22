import { answerTag, type Relaying, relayToken, replyRootOf } from '@nexus/wire';

/** Roots whose tags are remembered: one a connection that asks. */
const rootsMax = 256;

/**
 * The tags of one registration: proof, on a reply subject that a whole group is shown, of who answers; and what proves to the
 * agent that a message which another sends is one of Nexus.
 */
export class AnswerTags {
  private readonly tags = new Map<string, string>();

  constructor(private readonly tokenHash: string) {}

  /** Where to answer what came on the subject of a group. */
  replySubject(shared: string, root: string = replyRootOf(shared)): string {
    return `${shared}.${this.tagOf(root)}`;
  }

  /** Whether the token shows that Nexus has the relay pass the message on. */
  provesRelaying(token: string, relaying: Relaying): boolean {
    return token === relayToken(this.tokenHash, relaying);
  }

  private tagOf(root: string): string {
    const known = this.tags.get(root);
    if (known !== undefined) return known;
    const tag = answerTag(this.tokenHash, root);
    if (this.tags.size >= rootsMax) {
      const [oldest] = this.tags.keys();
      if (oldest !== undefined) this.tags.delete(oldest);
    }
    this.tags.set(root, tag);
    return tag;
  }
}
