import { type Life } from '../members/life.js';
import { type SeenStatus } from '../members/news.js';

/** What one life believed of a member, from a moment on. */
export interface Belief {
  readonly atMs: number;
  readonly status: SeenStatus;
  readonly generation: number;
}

/** What one life believed of others, in the order of time. */
export class Beliefs {
  private readonly byMember = new Map<string, Belief[]>();

  constructor({ sights }: Pick<Life, 'sights'>) {
    for (const { atMs, seen } of sights) {
      for (const [id, status, generation] of seen) {
        const timeline = this.byMember.get(id) ?? [];
        timeline.push({ atMs, status, generation });
        this.byMember.set(id, timeline);
      }
    }
  }

  get members(): Iterable<string> {
    return this.byMember.keys();
  }

  of(id: string): readonly Belief[] {
    return this.byMember.get(id) ?? [];
  }

  /** What it believed at a moment; undefined when it had never heard of the member. */
  at(id: string, atMs: number): Belief | undefined {
    return this.of(id).findLast((belief) => belief.atMs <= atMs);
  }

  /** The first belief after a moment of which something holds. */
  firstAfter(id: string, atMs: number, holds: (belief: Belief) => boolean): Belief | undefined {
    return this.of(id).find((belief) => belief.atMs > atMs && holds(belief));
  }
}
