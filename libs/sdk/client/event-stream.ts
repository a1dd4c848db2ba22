import { type Msg, type Subscription } from '@nats-io/transport-node';
import { type EventBody, type EventName, events, NexusError } from '@nexus/contracts';
import { type Connection, contentTypeHeader, decodeBody, encodingOf } from '@nexus/wire';
import { BoundedChannel } from './bounded-channel.js';

/** An event of the contract, or one that this version does not know. */
export type NexusEvent =
  | { [N in EventName]: { readonly kind: N; readonly body: EventBody<N> } }[EventName]
  | { readonly kind: 'unknown'; readonly name: string; readonly body: Record<string, unknown> };

/** What happens, as it happens. The slow reader loses the newest events, and can see how many. */
export class EventStream implements AsyncIterableIterator<NexusEvent, undefined> {
  /** Events that came while the buffer was full. */
  dropped = 0;
  /** Messages that were no event. */
  malformed = 0;
  private readonly channel: BoundedChannel<NexusEvent, undefined>;
  private readonly subscription: Subscription;
  private readonly stopFollowing: () => void;

  /**
   * @param root what stands before an event's name in its subject, as `nexus.events.`
   * @param pattern names of events with NATS wildcards, as `agent.*` or `>`
   * @throws NexusError `invalid_argument` for another pattern
   */
  constructor(
    connection: Connection,
    private readonly root: string,
    pattern: string,
    bufferMax: number,
  ) {
    if (!eventPattern.test(pattern)) {
      throw new NexusError('invalid_argument', 'pattern: names and wildcards, as agent.joined, agent.* or >');
    }
    this.channel = new BoundedChannel(bufferMax);
    this.stopFollowing = connection.on((event) => {
      if (event === 'closed') this.channel.finish(undefined);
    });
    this.subscription = connection.subscribe(root + pattern, (message) => this.receive(message));
  }

  next(): Promise<IteratorResult<NexusEvent, undefined>> {
    return this.channel.pull();
  }

  /** Unsubscribes. */
  return(): Promise<IteratorResult<NexusEvent, undefined>> {
    this.channel.finish(undefined);
    this.channel.clear();
    this.stopFollowing();
    this.subscription.unsubscribe();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private receive(message: Msg): void {
    const event = this.read(message);
    if (!event) this.malformed += 1;
    else if (!this.channel.push(event)) this.dropped += 1;
  }

  private read({ subject, data, headers }: Msg): NexusEvent | undefined {
    const name = subject.slice(this.root.length);
    try {
      const body = decodeBody(data, encodingOf(headers?.get(contentTypeHeader)));
      if (!isKnown(name)) return { kind: 'unknown', name, body };
      return { kind: name, body: events[name].parse(body) } as NexusEvent;
    } catch {
      return undefined;
    }
  }
}

const eventPattern = /^(?:(?:[A-Za-z0-9_-]+|\*)(?:\.(?:[A-Za-z0-9_-]+|\*))*(?:\.>)?|>)$/;

const isKnown = (name: string): name is EventName => Object.hasOwn(events, name);
