import { noLeases } from '../coordination/agent-leases.js';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Fleet } from '../fleet/fleet.js';
import { OneByOne, confirmSent } from '../foundation/one-by-one.js';
import { admitFor, type Asked, type Asker, type Question } from '../patterns/asker.js';
import { RosterKeeper } from '../patterns/roster-keeper.js';
import { GroupExchange } from './group-exchange.js';
import { type Reach, reachOf } from './reach.js';
import { sendAll } from './sending.js';

/** Share of the time that the last few silent agents get before they are asked on subjects of their own. */
const secondLookShare = 0.25;
const secondLookMsMax = 1_000;
/** Silent agents that are asked again at most: this many, or a tenth of all. More are slow together, not lost. */
const secondLookAgents = 64;
const secondLookFraction = 0.1;

/**
 * Reaches a group by one message, a host's agents by one, and everybody else alone. Each agent is accounted for as when
 * it is asked alone: an answer is known by its tag, and whoever is silent while nearly all have answered is asked once
 * more alone, so that the broker can say that it is not there. An agent that hears groups takes that for what it is, the
 * same message again, and does nothing twice.
 */
export class Grouped implements Asker {
  private readonly oneByOne: OneByOne;

  constructor(
    private readonly line: AgentLine,
    private readonly fleet: Pick<Fleet, 'onAgentGone'>,
  ) {
    this.oneByOne = new OneByOne(line);
  }

  async ask(coordination: Coordination, question: Question): Promise<Asked> {
    if (!isTheSameForAll(coordination, question)) return this.oneByOne.ask(coordination, question);
    const { deadline = coordination.deadline } = question;
    await this.line.settle(deadline);
    const asking = new Asking(this.line, coordination, question);
    const stopWatching = this.fleet.onAgentGone((agentId, reason) => {
      if (reason === 'gone') asking.gone(agentId);
    });
    try {
      await asking.run(deadline.remainingMs);
    } finally {
      stopWatching();
    }
    coordination.roster.close();
    return { roster: coordination.roster, delivered: asking.delivered };
  }

  async tell(coordination: Coordination, question: Question): Promise<Asked> {
    if (!isTheSameForAll(coordination, question)) return this.oneByOne.tell(coordination, question);
    const { line } = this;
    const { roster, targets } = coordination;
    await line.settle(coordination.deadline);
    const outbox = line.outbox(coordination);
    const { addresses } = line;
    let delivered = 0;
    sendAll(line, coordination, question, {
      toGroup: (group, body) => outbox.publish({ to: addresses.ofGroup(group), body })?.end(),
      toHost: ({ hostId }, body) => outbox.publish({ to: addresses.ofHost(hostId), body })?.end(),
      toAgent: (slot, body) => outbox.send({ agentId: targets.agents[slot]!.agentId, body })?.end(),
      sent: (slot) => {
        roster.answer(slot, null);
        delivered += 1;
      },
      failed: (slot, code, message) => roster.fail(slot, { code, message }),
    });
    await confirmSent(line, coordination);
    roster.close();
    return { roster, delivered };
  }
}

/** Leases, and places in an order, are an agent's own and stand in its message. */
export const isTheSameForAll = ({ leases }: Coordination, { write }: Question): boolean =>
  leases === noLeases && write === undefined;

/** One question on its way. */
class Asking {
  private readonly keeper: RosterKeeper;
  private readonly exchange: GroupExchange;
  private readonly reach: Reach;
  private readonly timers: NodeJS.Timeout[] = [];
  private finish: () => void = () => undefined;

  constructor(
    private readonly line: AgentLine,
    private readonly coordination: Coordination,
    private readonly question: Question,
  ) {
    const { targets } = coordination;
    this.reach = reachOf(targets.agents, targets.selector);
    this.keeper = new RosterKeeper(coordination, question);
    this.exchange = new GroupExchange({
      ...{ line, coordination, reach: this.reach },
      admit: admitFor(coordination, question),
      onAnswer: (slot, answer) => {
        this.keeper.enter(slot, answer);
        this.endIfSettled();
      },
    });
  }

  get delivered(): number {
    return this.keeper.delivered;
  }

  async run(withinMs: number): Promise<void> {
    const { line, coordination, question, exchange, keeper } = this;
    const done = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    this.after(withinMs, () => this.finish());
    try {
      sendAll(line, coordination, question, {
        toGroup: (group, body) => exchange.sendToGroup(group, body),
        toHost: (host, body) => exchange.sendToHost(host, body),
        toAgent: (slot, body) => exchange.sendToAgent(slot, body),
        sent: () => {
          keeper.delivered += 1;
        },
        failed: (slot, code, message) => keeper.fail(slot, code, message),
      });
      if (this.reach.group !== undefined) {
        this.after(Math.min(secondLookMsMax, withinMs * secondLookShare), () => this.lookAgain());
      }
      this.endIfSettled();
      await done;
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
      exchange.close();
    }
  }

  /** An agent died: nothing will come of it. */
  gone(agentId: string): void {
    const slot = this.reach.slotOf(agentId);
    if (slot === undefined) return;
    this.keeper.fail(slot, 'unavailable', 'the agent died before it answered');
    this.endIfSettled();
  }

  private lookAgain(): void {
    const { roster, targets } = this.coordination;
    const mostAgents = Math.max(secondLookAgents, targets.agents.length * secondLookFraction);
    if (roster.pending > mostAgents) return;
    try {
      // Nobody is above this turn to catch anything: what went out to the group as MessagePack may be too long as JSON.
      const bodyFor = this.line.writer(this.coordination, this.question);
      for (const slot of roster.pendingSlots()) {
        this.exchange.sendToAgent(slot, bodyFor(targets.agents[slot]!.agentId));
      }
    } catch {
      // Whoever cannot be reached now stays silent, and is missing at the deadline.
    }
  }

  private endIfSettled(): void {
    if (this.keeper.settled) this.finish();
  }

  /** The connection keeps the process up, not the wait: one that has ended must not linger for a deadline. */
  private after(delayMs: number, act: () => void): void {
    this.timers.push(setTimeout(act, delayMs).unref());
  }
}
