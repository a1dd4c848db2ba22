import { NexusError, type RelayOrder } from '@nexus/contracts';
import { type Coordination } from '../../coordination/coordination.js';
import { type AgentLine } from '../../fleet/agent-line.js';
import { type Fleet } from '../../fleet/fleet.js';
import { confirmSent } from '../../foundation/one-by-one.js';
import { admitFor, type Asked, type Asker, type Question } from '../../patterns/asker.js';
import { RosterKeeper } from '../../patterns/roster-keeper.js';
import { GroupExchange } from '../group-exchange.js';
import { Grouped, isTheSameForAll } from '../grouped.js';
import { type Reach, reachOf, type Ways } from '../reach.js';
import { type DirectSends, sendDirectly } from '../sending.js';
import { accountReader } from './account.js';
import { RelayExchange } from './relay-exchange.js';
import { type RelayReach, relayReachOf } from './relay-reach.js';
import { relayTimes } from './relay-times.js';

/** What is sent, and whether it is to be answered. */
type Manner = 'ask' | 'tell';

/**
 * Reaches agents over others of them that offer to relay: each passes the message on to a part of the fleet and brings the
 * answers together. Whom a relay does not account for, for whatever reason, is asked directly, in the same words: an agent
 * takes those for the same question, and does nothing twice. Without relays a fleet is reached as by `Grouped`.
 */
export class Relayed implements Asker {
  private readonly grouped: Grouped;

  constructor(
    private readonly line: AgentLine,
    private readonly fleet: Pick<Fleet, 'onAgentGone'>,
  ) {
    this.grouped = new Grouped(line, fleet);
  }

  ask(coordination: Coordination, question: Question): Promise<Asked> {
    return this.over(coordination, question, 'ask');
  }

  async tell(coordination: Coordination, question: Question): Promise<Asked> {
    const asked = await this.over(coordination, question, 'tell');
    await confirmSent(this.line, coordination);
    return asked;
  }

  private async over(coordination: Coordination, question: Question, manner: Manner): Promise<Asked> {
    const reach = relayReachOf(coordination.targets.agents);
    if (reach.subtrees.length === 0 || !isTheSameForAll(coordination, question)) {
      return this.grouped[manner](coordination, question);
    }
    const { deadline = coordination.deadline } = question;
    await this.line.settle(deadline);
    const asking = new Asking(
      { line: this.line, coordination, question, manner },
      reach,
      deadline.remainingMs,
    );
    const stopWatching = this.fleet.onAgentGone((agentId, reason) => {
      if (reason === 'gone') asking.gone(agentId);
    });
    try {
      await asking.run();
    } finally {
      stopWatching();
    }
    coordination.roster.close();
    return asking.asked;
  }
}

interface AskingParts {
  readonly line: AgentLine;
  readonly coordination: Coordination;
  readonly question: Question;
  readonly manner: Manner;
}

/** One question on its way over relays. */
class Asking {
  private readonly keeper: RosterKeeper;
  private readonly relays: RelayExchange;
  private readonly direct: GroupExchange;
  private readonly reach: Reach;
  /** Who answers here, and not to a relay. */
  private readonly askedDirectly = new Set<number>();
  /** Asked by a relay, and silent for as long as they had. */
  private readonly silent = new Set<number>();
  private askedInstead = 0;
  private finish: () => void = () => undefined;

  constructor(
    private readonly parts: AskingParts,
    private readonly ways: RelayReach,
    private readonly withinMs: number,
  ) {
    const { line, coordination, question, manner } = parts;
    const { targets } = coordination;
    const { deadline = coordination.deadline } = question;
    const admit = admitFor(coordination, question);
    this.reach = reachOf(targets.agents, targets.selector);
    this.keeper = new RosterKeeper(coordination, question);
    this.direct = new GroupExchange({
      ...{ line, coordination, reach: this.reach, admit },
      onAnswer: (slot, answer) => {
        this.keeper.enter(slot, answer);
        this.endIfSettled();
      },
    });
    const times = relayTimes(withinMs);
    const brings = bringsOf(question, manner);
    this.relays = new RelayExchange({
      ...{ line, coordination, subtrees: ways.subtrees, times, brings },
      letter: { ...question, deadline: deadline.before(withinMs - times.relayBudgetMs) },
      read: accountReader({
        ...{ want: brings.want, merge: question.merge, keeper: this.keeper },
        reading: { bodyBytesMax: line.bodyBytesMax, admit },
        slotOf: (agentId) => this.reach.slotOf(agentId),
        onUnreached: (slots) => this.askInstead(slots),
        onSilent: (slots) => {
          for (const slot of slots) this.silent.add(slot);
        },
      }),
      onHeard: () => this.endIfSettled(),
      onLeft: (slots) => this.askInstead(slots),
    });
  }

  get asked(): Asked {
    const { subtrees } = this.ways;
    return {
      roster: this.parts.coordination.roster,
      delivered: this.keeper.delivered,
      relaying: {
        relays: subtrees.length,
        relayed: subtrees.reduce((sum, { children }) => sum + children.length, 0),
        lost: this.relays.lost,
        askedInstead: this.askedInstead,
      },
    };
  }

  async run(): Promise<void> {
    const done = new Promise<void>((resolve) => (this.finish = resolve));
    // The connection keeps the process up, not the wait: one that has ended must not linger for a deadline.
    const timer = setTimeout(this.finish, this.withinMs).unref();
    try {
      // What is too large for one agent is so for all: refused before anybody is sent anything.
      this.parts.line.write(this.parts.coordination, this.parts.question, { encoding: 'json' });
      this.relays.send();
      this.sendDirectly(this.ways.direct);
      this.endIfSettled();
      await done;
    } finally {
      clearTimeout(timer);
      this.relays.close();
      this.direct.close();
    }
  }

  /** An agent died. What came of one that a relay has asked the relay says. */
  gone(agentId: string): void {
    this.relays.gone(agentId);
    const slot = this.reach.slotOf(agentId);
    if (slot === undefined || !this.askedDirectly.has(slot)) return;
    this.keeper.fail(slot, 'unavailable', 'the agent died before it answered');
    this.endIfSettled();
  }

  private askInstead(slots: readonly number[]): void {
    if (slots.length === 0) return;
    this.askedInstead += slots.length;
    try {
      this.sendDirectly({ hosts: [], alone: slots });
    } catch (thrown) {
      const { code, message } = NexusError.from(thrown);
      for (const slot of slots) this.keeper.fail(slot, code, message);
    }
    this.endIfSettled();
  }

  private sendDirectly(ways: Ways): void {
    const { line, coordination, question } = this.parts;
    sendDirectly({ line, coordination, letter: question }, ways, this.sends);
  }

  private get sends(): DirectSends {
    const { keeper, direct, parts } = this;
    const failed: DirectSends['failed'] = (slot, code, message) => keeper.fail(slot, code, message);
    if (parts.manner === 'ask') {
      return {
        toHost: (host, body) => direct.sendToHost(host, body),
        toAgent: (slot, body) => direct.sendToAgent(slot, body),
        sent: (slot) => {
          this.askedDirectly.add(slot);
          keeper.delivered += 1;
        },
        failed,
      };
    }
    const { line, coordination } = parts;
    const outbox = line.outbox(coordination);
    return {
      toHost: ({ hostId }, body) => outbox.publish({ to: line.addresses.ofHost(hostId), body })?.end(),
      toAgent: (slot, body) =>
        outbox.send({ agentId: coordination.targets.agents[slot]!.agentId, body })?.end(),
      sent: (slot) => {
        keeper.note(slot);
        keeper.delivered += 1;
      },
      failed,
    };
  }

  private endIfSettled(): void {
    if (this.parts.coordination.roster.pending === this.silent.size) this.finish();
  }
}

/** What relays are to bring: no more than somebody looks at. */
function bringsOf({ kind, merge }: Question, manner: Manner): Pick<RelayOrder, 'want' | 'aggregate'> {
  if (manner === 'tell') return { want: 'sent' };
  if (kind === 'broadcast') return { want: 'receipts' };
  if (!merge) return { want: 'answers' };
  return { want: 'aggregate', aggregate: { name: merge.name, field: merge.field } };
}
