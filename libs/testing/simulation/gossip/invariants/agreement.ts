import { type MemberId, type MemberView } from '@nexus/core/gossip';
import { type Coverage } from '../../coverage.js';
import { hold } from '../../violation.js';
import { type Observer } from '../stepped.js';
import { type Truth } from '../truth.js';

/** `converged` is a statement about all others: it is compared with what they know at that very moment. */
export class Agreement {
  constructor(
    private readonly everybody: () => readonly Observer[],
    private readonly truth: Truth,
    private readonly coverage: Coverage,
  ) {}

  judge(observer: Observer): void {
    const { convergence, views } = observer;
    if (!convergence.converged) return;
    this.coverage.count('gossip: said to be converged');
    const others = new Map(this.everybody().map((other) => [other.id, other]));
    for (const view of views.values()) {
      hold(
        view.status === 'alive' || view.status === 'left',
        'nothing is called converged while somebody cannot be reached',
        () => `${observer.id} says so, and ${view.id} is ${view.status}`,
      );
      if (view.status !== 'alive') continue;
      hold(
        convergence.versions.has(view.id),
        'what is called converged includes everybody who lives',
        () => `${observer.id} leaves out ${view.id}`,
      );
      const other = others.get(view.id);
      const isSameLife = other?.life.generation === view.generation;
      if (other !== undefined && isSameLife) this.compare(observer, other);
    }
  }

  /** The other may know more by now; it cannot know less. */
  private compare(observer: Observer, other: Observer): void {
    for (const [id, version] of observer.convergence.versions) {
      const mine = observer.views.get(id);
      const its = other.views.get(id);
      if (its === undefined && mine !== undefined && this.isReplaced(mine)) {
        this.coverage.count('gossip: converged upon a life that was replaced');
        continue;
      }
      hold(
        its !== undefined && mine !== undefined && isAsFar(its, mine, version),
        'what is called converged is known to everybody',
        () => {
          const known = its ? `up to ${its.maxVersion} of ${its.generation}` : 'not at all';
          return `${observer.id} says that all know ${id} up to ${version}: ${other.id} knows it ${known}`;
        },
      );
    }
  }

  /**
   * It said goodbye and lives anew. Who heard of both shows neither: the old life has left, and the new one was not yet seen
   * alive. It knows more than the observer all the same. A life that lasts, or that ended in any other way, is no excuse.
   */
  private isReplaced({ id, generation }: MemberView): boolean {
    const life = this.truth.lifeOf(id, generation);
    return life?.left === true && life !== this.truth.latest(id);
  }
}

const isAsFar = (its: MemberView, mine: MemberView, version: number): boolean =>
  its.generation > mine.generation || (its.generation === mine.generation && its.maxVersion >= version);

/** Whether two know the same of the same members: those that neither died nor left. */
export function agree(a: Observer, b: Observer): boolean {
  const known = livingOf(a);
  const others = livingOf(b);
  if (known.size !== others.size) return false;
  for (const [id, { generation, maxVersion }] of known) {
    const other = others.get(id);
    if (other?.generation !== generation || other.maxVersion !== maxVersion) return false;
  }
  return true;
}

function livingOf({ views }: Observer): Map<MemberId, MemberView> {
  return new Map([...views].filter(([, { status }]) => status === 'alive' || status === 'suspected'));
}
