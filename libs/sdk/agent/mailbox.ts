import { type Msg, type Subscription } from '@nats-io/transport-node';
import { type Connection } from '@nexus/wire';
import { type MessageIntake } from './message-intake.js';
import { within } from './within.js';

/**
 * The subjects of an agent. Nothing may be lost between listening and being registered, and nothing may be done twice
 * when another process holds the id: it listens before routing is asked, holds what comes until routing has answered,
 * and stops listening when routing refuses, so that the broker can tell whoever asks that nobody is there.
 */
export class Mailbox {
  private subscriptions: readonly Subscription[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly subjects: readonly string[],
    private readonly intake: MessageIntake,
  ) {}

  get confirmed(): boolean {
    return this.intake.open;
  }

  /** Listens, if it does not yet. */
  open(): void {
    if (this.subscriptions.length > 0) return;
    const receive = (message: Msg) => this.intake.receive(message);
    this.subscriptions = this.subjects.map((subject) => this.connection.subscribe(subject, receive));
  }

  /** The agent is the one that its messages are for. */
  confirm(): void {
    this.intake.admit();
  }

  /** Another may be: what came and was not started is dropped, and nothing more comes. */
  refuse(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.intake.turnOut();
  }

  /** Lets messages that the broker has already sent come in, unless the connection is gone. */
  async close(withinMs: number): Promise<void> {
    // On a closed connection none is left to end, and each says so.
    await within(Promise.allSettled(this.subscriptions.map((each) => each.drain())), withinMs);
  }
}
