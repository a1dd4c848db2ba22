import { type MemberId, type MemberView } from '@nexus/core/gossip';
import { type Coverage } from '../../coverage.js';
import { hold } from '../../violation.js';
import { type Observer } from '../stepped.js';
import { type Life } from '../truth.js';

/** A round that comes so much later than it should is the first of a process that was stopped. */
const lateRounds = 2;

/** `converged` is a statement about all others: it is compared with what they know at that very moment. */
export class Agreement {
  private readonly rounds = new WeakMap<Life, number>();

  constructor(
    private readonly everybody: () => readonly Observer[],
    private readonly coverage: Coverage,
    private readonly roundMs: number,
  ) {}

  judge(observer: Observer): void {
    const { convergence, views, life, localMs } = observer;
    const sinceMs = localMs - (this.rounds.get(life) ?? localMs);
    this.rounds.set(life, localMs);
    // Who was stopped goes by what was said before, until it has heard something.
    if (!convergence.converged || sinceMs > lateRounds * this.roundMs) return;
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
