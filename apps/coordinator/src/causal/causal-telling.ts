import { type BroadcastResult, type CausalStamp, type Channel, type Clock } from '@nexus/contracts';
import { stampOnWire } from '@nexus/wire';
import { type Coordination } from '../coordination/coordination.js';
import { type EventClock } from '../coordination/event-clock.js';
import { type AgentLine, type Letter } from '../fleet/agent-line.js';
import { type BodyFor } from '../fleet/body.js';
import { type KeyedValues } from '../keyed/keyed-values.js';
import { type GoalOf } from '../ladder/layer.js';
import { type CausalBroadcasts } from './causal-broadcasts.js';
import { channelOf } from './channel.js';

type Broadcast = Coordination<GoalOf<'broadcast'>>;

/** Where a message stands among all others. */
export interface Placed {
  readonly causal: CausalStamp;
  readonly clock: Clock;
}

export interface CausalTellingOptions {
  readonly line: Pick<AgentLine, 'demandConnection' | 'writer'>;
  readonly broadcasts: CausalBroadcasts;
  readonly clock: EventClock;
  readonly values: Pick<KeyedValues, 'put' | 'isConflict'>;
}

/**
 * One broadcast in causal order. Its place is taken once, in the turn in which it is sent: all agents are sent the
 * broadcasts of this coordinator in the order of their places, and none has a place without having been sent.
 */
export class Telling {
  private stamp: CausalStamp | undefined;

  constructor(
    private readonly options: CausalTellingOptions,
    private readonly coordination: Broadcast,
    private readonly letter: Letter,
  ) {}

  /**
   * Takes the place, shares the value of the key, and writes the messages, which are to be sent at once.
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` or `overloaded` when it cannot be told or
   * shared; then no place was taken
   */
  readonly write = (): BodyFor => {
    const { line, broadcasts } = this.options;
    const { goal, targets } = this.coordination;
    line.demandConnection();
    const channel = channelOf(targets.selector);
    if (goal.after !== undefined) {
      if (channel === undefined) broadcasts.observe(goal.after);
      else broadcasts.demand(goal.after, channel);
    }
    return channel === undefined ? this.writeTargeted() : this.writeBroadcast(channel);
  };

  /** What the caller is told of it. */
  told(): Pick<BroadcastResult, 'causal' | 'frontiers' | 'conflict'> {
    if (this.stamp === undefined) return {};
    const { key } = this.coordination.goal;
    return {
      causal: this.stamp,
      frontiers: this.options.broadcasts.frontiers(this.stamp.broadcast?.channel),
      ...(key !== undefined && { conflict: this.options.values.isConflict(key) }),
    };
  }

  private writeTargeted(): BodyFor {
    const { line, broadcasts, clock } = this.options;
    this.stamp = broadcasts.targeted();
    return line.writer(this.coordination, { ...this.letter, causal: this.stamp, clock: clock.tick() });
  }

  private writeBroadcast(channel: Channel): BodyFor {
    const { line, broadcasts, clock, values } = this.options;
    const { coordination, letter } = this;
    const { goal, replaces } = coordination;
    const tick = clock.tick();
    // A broadcast that no message can carry would leave a hole that nobody could fill.
    line.writer(coordination, { ...letter, clock: tick, causal: broadcasts.longest(channel) });
    const { key } = goal;
    if (key !== undefined) {
      const told = { channel, ...broadcasts.upcoming(channel) };
      values.put({ key, value: goal.payload ?? null, replaces, told });
    }
    // From here on nothing can fail: the place is taken, and is used.
    const stamp = broadcasts.next(channel);
    this.stamp = stampOnWire(stamp);
    const body = line.writer(coordination, { ...letter, clock: tick, causal: this.stamp });
    // Kept as JSON, which every agent reads: no agent has an id without characters.
    broadcasts.keep(stamp, body('').bytes);
    return body;
  }
}

/** Tells agents in causal order. */
export class CausalTelling {
  constructor(private readonly options: CausalTellingOptions) {}

  prepare(coordination: Broadcast, letter: Letter): Telling {
    return new Telling(this.options, coordination, letter);
  }

  /** Of a message to one agent that is to run the rest itself. */
  placeTargeted({ goal }: Broadcast): Placed {
    const { line, broadcasts, clock } = this.options;
    line.demandConnection();
    if (goal.after !== undefined) broadcasts.observe(goal.after);
    return { causal: broadcasts.targeted(), clock: clock.tick() };
  }
}
