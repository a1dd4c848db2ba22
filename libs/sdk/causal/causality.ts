import { randomBytes } from 'node:crypto';
import { type CausalStamp, type Channel as ChannelName, type Frontiers } from '@nexus/contracts';
import { type Channel, type Stamp } from '@nexus/core/causality';
import { type AgentEvent, type AgentStats } from '../agent/agent-events.js';
import { type AnswerClocks } from '../agent/answering.js';
import { type Work } from '../agent/work.js';
import { AgentClock } from './agent-clock.js';
import { CausalInbox, type IntakeDesk } from './causal-inbox.js';
import { type CausalLine } from './causal-line.js';
import { CausalOutbox } from './causal-outbox.js';

export interface CausalityOptions {
  readonly agentId: string;
  readonly groups: readonly string[];
  readonly capabilities: readonly string[];
  /** Messages that wait or are handled, at most. */
  readonly roomMax: number;
  readonly line: CausalLine;
  readonly desk: IntakeDesk;
  readonly stats: AgentStats;
  readonly report: (event: AgentEvent) => void;
}

/** What one life of an agent knows of the order of things: what it received, what it sent, and its clock. */
export class Causality {
  readonly clock: AgentClock;
  readonly inbox: CausalInbox;
  readonly outbox: CausalOutbox;

  constructor(private readonly options: CausalityOptions) {
    const { agentId, groups, capabilities, line, ...rest } = options;
    // Another life is another sender: no sequence of it is ever used twice.
    const self = `${agentId}.${randomBytes(4).toString('hex')}`;
    const channels: Channel[] = [
      'all',
      ...groups.map((group) => `group.${group}`),
      ...capabilities.map((capability) => `capability.${capability}`),
    ];
    const onDelivered = (work: Work, stamp: Stamp) => this.delivered(work, stamp);
    this.clock = new AgentClock(self, { hears: (name) => this.inbox.hasHeard(name) });
    this.inbox = new CausalInbox({ ...rest, self, channels: [...new Set(channels)], line, onDelivered });
    const delivered = () => this.inbox.frontiers;
    this.outbox = new CausalOutbox({ self, line, clock: this.clock, delivered, stats: options.stats });
  }

  /** What the agent has seen beyond a message, for the answer to it. */
  answerClocks({ message }: Work): AnswerClocks {
    const clock = this.clock.beyond(message.clock);
    const channel = message.causal?.broadcast?.channel;
    const delivered = channel && this.inbox.frontierOnWire(channel);
    // Of the channel of the message only what was delivered: its sender lets go of what all have.
    const own = this.ownBesides(message.causal, channel);
    const frontiers = own && delivered ? { ...delivered, ...own } : (own ?? delivered);
    return { ...(clock && { clock }), ...(frontiers && { frontiers }) };
  }

  /** Undefined when that is nothing: most agents send nothing themselves. */
  private ownBesides(
    causal: CausalStamp | undefined,
    channel: ChannelName | undefined,
  ): Frontiers | undefined {
    const own = this.outbox.ownBeyond(causal?.after);
    const besides = Object.entries(own).filter(([name]) => name !== channel);
    return besides.length === 0 ? undefined : Object.fromEntries(besides);
  }

  private delivered({ message }: Work, stamp: Stamp): void {
    this.options.stats.unbelieved += this.clock.received(message.clock, stamp.sender);
    this.outbox.delivered(stamp);
  }
}
