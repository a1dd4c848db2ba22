import { headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { NexusError, type ProposeRequest, type ReadRequest } from '@nexus/contracts';
import { InMemoryDecisionLog } from '@nexus/testing';

/**
 * The decision log's subjects, served by a log of one in memory: for faults that come at a moment which the replicas
 * cannot be asked to fail at.
 */
export class ServedLog {
  readonly log = new InMemoryDecisionLog();
  /** While set, proposals are applied and never answered. */
  mute = false;
  /** While set, changes are not told. */
  silent = false;
  private readonly subscriptions: Subscription[] = [];
  private previousIndex = 0;

  constructor(private readonly nats: NatsConnection) {
    this.log.onChanges = (changes) => {
      const { previousIndex } = this;
      this.previousIndex = changes.at(-1)?.index ?? previousIndex;
      const event = { previousIndex, changes, at: new Date().toISOString() };
      if (!this.silent) nats.publish('nexus.events.consensus.changed', JSON.stringify(event));
    };
  }

  /** From now on the log is there. */
  async serve(): Promise<void> {
    const { log } = this;
    this.answer('nexus.consensus.propose', async ({ command, requestId }: ProposeRequest) => {
      log.nowMs = performance.now();
      const reply = await log.propose(command, { ...(requestId !== undefined && { requestId }) });
      return this.mute ? undefined : reply;
    });
    this.answer('nexus.consensus.read', (request: ReadRequest) => {
      if ('key' in request) return log.read(request.key);
      return 'resource' in request ? log.readLease(request.resource) : log.readElection(request.election);
    });
    await this.nats.flush();
  }

  /** From now on nobody serves it. */
  async vanish(): Promise<void> {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
    await this.nats.flush();
  }

  private answer(subject: string, handle: (request: never) => Promise<object | undefined>): void {
    const callback = (_error: unknown, message: Msg) => {
      void handle(message.json<never>()).then(
        (reply) => reply && message.respond(JSON.stringify(reply)),
        (thrown: unknown) => {
          const error = NexusError.from(thrown);
          const marks = headers();
          marks.set('Nats-Service-Error-Code', String(error.status));
          message.respond(JSON.stringify(error.toBody()), { headers: marks });
        },
      );
    };
    this.subscriptions.push(this.nats.subscribe(subject, { callback }));
  }
}
