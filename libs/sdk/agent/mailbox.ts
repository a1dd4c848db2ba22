import { type Msg, type Subscription } from '@nats-io/transport-node';
import { subjectOf, subjects, subscriptionOf } from '@nexus/contracts';
import { type CausalInbox } from '../causal/causal-inbox.js';
import { type CausalLine, type LineMember, peerOf } from '../causal/causal-line.js';
import { GroupLine, type OnTelling } from '../group/group-line.js';
import { type MessageIntake } from './message-intake.js';
import { within } from './within.js';

export interface MailboxOptions {
  readonly agentId: string;
  readonly groups: readonly string[];
  readonly line: CausalLine;
  readonly intake: MessageIntake;
  readonly inbox: CausalInbox;
}

/**
 * The subjects of an agent. Nothing may be lost between listening and being registered, and nothing may be done twice
 * when another process holds the id: it listens before routing is asked, holds what comes until routing has answered,
 * and stops listening when routing refuses, so that the broker can tell whoever asks that nobody is there.
 */
export class Mailbox {
  private subscriptions: readonly Subscription[] = [];
  private leaveGroups: readonly (() => void)[] = [];
  private readonly onLine: LineMember;

  constructor(private readonly options: MailboxOptions) {
    const { agentId, groups, intake, inbox } = options;
    this.onLine = {
      agentId,
      groups,
      receiveFrom: (peer, source, reading) => intake.receiveFrom(peer, source, reading),
      hear: (frontier) => inbox.hear(frontier),
    };
  }

  get confirmed(): boolean {
    return this.options.intake.open;
  }

  /** Listens, if it does not yet. */
  open(): void {
    if (this.subscriptions.length > 0) return;
    const { agentId, groups, line, intake, inbox } = this.options;
    const { connection, prefix } = line;
    const receive = (message: Msg) => intake.receive(message);
    this.subscriptions = [
      connection.subscribe(subjectOf(prefix, subjects.agent, { agentId }), receive),
      connection.subscribe(subscriptionOf(prefix, subjects.agentPeer, { to: agentId }), (message) => {
        const peer = peerOf(subjects.agentPeer, message);
        if (peer !== undefined) intake.receiveFrom(peer, message);
      }),
    ];
    const ofGroup: OnTelling = (telling) => intake.receiveOfGroup(telling);
    const groupLine = GroupLine.on(connection, prefix);
    this.leaveGroups = groups.map((group) => groupLine.listen(group, ofGroup));
    line.join(this.onLine);
    inbox.open();
  }

  /** The agent is the one that its messages are for. */
  confirm(): void {
    this.options.intake.admit();
  }

  /** Another may be: what came and was not started is dropped, and nothing more comes. */
  refuse(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.stopListening();
    this.options.intake.turnOut();
  }

  /** Lets messages that the broker has already sent come in, unless the connection is gone. */
  async close(withinMs: number): Promise<void> {
    // On a closed connection none is left to end, and each says so.
    await within(Promise.allSettled(this.subscriptions.map((each) => each.drain())), withinMs);
    this.stopListening();
  }

  /** What others on the connection listen to as well. */
  private stopListening(): void {
    for (const leave of this.leaveGroups) leave();
    this.leaveGroups = [];
    this.options.line.leave(this.onLine);
  }
}
