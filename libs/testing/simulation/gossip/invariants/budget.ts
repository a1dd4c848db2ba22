import {
  type GossipOptions,
  type MemberKind,
  type MemberId,
  type messageBytes,
  type Outgoing,
} from '@nexus/core/gossip';
import { hold } from '../../violation.js';
import { type Observer, type Stepped } from '../stepped.js';
import { type Life } from '../truth.js';

interface BudgetOptions {
  readonly limits: Omit<GossipOptions, 'self'>;
  readonly messageBytes: typeof messageBytes;
  /** Undefined: nobody of that name takes part. */
  readonly kindOf: (id: MemberId) => MemberKind | undefined;
}

/** What is sent and kept stays within its bounds, and goes where it may. */
export class Budget {
  private readonly spent = new WeakMap<Life, number>();

  constructor(private readonly options: BudgetOptions) {}

  stepped({ observer, input, effects }: Stepped): void {
    const { limits, messageBytes } = this.options;
    // A goodbye is a last round, whatever the one before has sent.
    const beginsRound = input.kind === 'round' || input.kind === 'leave';
    let spent = beginsRound ? 0 : (this.spent.get(observer.life) ?? 0);
    for (const outgoing of effects.messages) {
      const bytes = messageBytes(outgoing.message);
      spent += bytes;
      hold(
        bytes <= limits.messageBytesMax,
        'a message is no larger than it may be',
        () => `${observer.id} sends ${bytes} bytes in one`,
      );
      this.judgeTarget(observer, outgoing);
    }
    this.spent.set(observer.life, spent);
    hold(
      spent <= limits.roundBytesMax,
      'a round sends no more than it may',
      () => `${observer.id} has sent ${spent} bytes in one round`,
    );
    hold(
      observer.views.size <= limits.membersMax,
      'no more members are known than may be',
      () => `${observer.id} knows ${observer.views.size}`,
    );
  }

  private judgeTarget({ id, kind }: Observer, { to }: Outgoing): void {
    if (to === 'seed') return;
    hold(to !== id, 'nobody gossips with itself', () => id);
    hold(
      kind === 'relay' || this.options.kindOf(to) !== 'leaf',
      'a leaf gossips with relays only',
      () => `${id} sends to ${to}`,
    );
  }
}
