import { type Member } from './member.js';

/**
 * The agents of one group, as a list that whoever was handed it may keep: it never changes. Changes make another list, but
 * only once somebody asks for it, so that a thousand agents that come or go one by one cost one copy.
 */
export class Roll {
  private readonly present = new Set<Member>();
  private list: readonly Member[] | undefined;

  get size(): number {
    return this.present.size;
  }

  get members(): readonly Member[] {
    return (this.list ??= [...this.present]);
  }

  add(member: Member): void {
    this.present.add(member);
    this.list = undefined;
  }

  remove(member: Member): void {
    if (this.present.delete(member)) this.list = undefined;
  }
}
