import { NexusError } from '@nexus/contracts';
import { type Coordination } from '../coordination/coordination.js';
import { type AgentLine } from '../fleet/agent-line.js';
import { admitFor, type Asked, type Asker, type Question } from '../patterns/asker.js';
import { RosterKeeper } from '../patterns/roster-keeper.js';

/** A round trip to the broker may take so long even when the caller's time is up, in milliseconds. */
const flushMsMin = 250;

/** Reaches every agent on its own subject, so that the broker says at once of each that is not there. */
export class OneByOne implements Asker {
  constructor(private readonly line: AgentLine) {}

  async ask(coordination: Coordination, question: Question): Promise<Asked> {
    const { line } = this;
    const { roster, targets } = coordination;
    const { deadline = coordination.deadline } = question;
    await line.settle(deadline);
    const bodyFor = question.write?.() ?? line.writer(coordination, question);
    const keeper = new RosterKeeper(coordination, question);
    await new Promise<void>((resolve) => {
      const exchange = line.open(
        coordination,
        (slot, answer) => {
          keeper.enter(slot, answer);
          if (keeper.settled) finish();
        },
        admitFor(coordination, question),
      );
      // The connection keeps the process up, not the wait: one that has ended must not linger for a deadline.
      const timer = setTimeout(() => finish(), deadline.remainingMs).unref();
      const finish = () => {
        clearTimeout(timer);
        exchange.close();
        resolve();
      };
      targets.agents.forEach(({ agentId }, slot) => {
        try {
          exchange.send({ agentId, slot, body: bodyFor(agentId) });
          keeper.delivered += 1;
        } catch (thrown) {
          const { code, message } = NexusError.from(thrown);
          keeper.fail(slot, code, message);
        }
      });
      if (keeper.settled) finish();
    });
    roster.close();
    return { roster, delivered: keeper.delivered };
  }

  async tell(coordination: Coordination, question: Question): Promise<Asked> {
    const { line } = this;
    const { roster, targets, deadline } = coordination;
    await line.settle(deadline);
    const bodyFor = question.write?.() ?? line.writer(coordination, question);
    const outbox = line.outbox(coordination);
    let delivered = 0;
    targets.agents.forEach(({ agentId }, slot) => {
      try {
        outbox.send({ agentId, body: bodyFor(agentId) })?.end();
        roster.answer(slot, null);
        delivered += 1;
      } catch (thrown) {
        const { code, message } = NexusError.from(thrown);
        roster.fail(slot, { code, message });
      }
    });
    await confirmSent(line, coordination);
    roster.close();
    return { roster, delivered };
  }
}

/** Whatever the broker says now, what was sent cannot be taken back: a failure would invite a second broadcast. */
export const confirmSent = (line: AgentLine, { deadline }: Coordination): Promise<void> =>
  line.flush(Math.max(flushMsMin, deadline.remainingMs)).catch(() => undefined);
