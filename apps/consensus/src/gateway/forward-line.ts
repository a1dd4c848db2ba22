import { type ReplicaId, subjectOf, subjects } from '@nexus/contracts';
import { type Drops } from '@nexus/platform/nats';
import { type Batch, decodeBatch, encodeHead, encodeItem } from './batch-codec.js';
import { BatchOutbox, type Destination, type SendingConnection } from './batch-outbox.js';
import { type AnswerWork, type Result, resultSchema, type Work, workSchema } from './work.js';
import { z } from 'zod';

/** What the line needs of a connection. */
export interface ForwardConnection extends SendingConnection {
  readonly connected: boolean;
  subscribe(
    subject: string,
    heard: (message: { readonly data: Uint8Array }) => void,
  ): { unsubscribe(): void };
}

export interface ForwardLineOptions {
  /** The service's own, which requests come on: never that of the Raft messages. */
  readonly connection: ForwardConnection;
  readonly prefix: string;
  readonly drops: Drops;
  readonly cluster: string;
  readonly replicaId: ReplicaId;
  /** Of this process. */
  readonly incarnation: string;
}

export interface ForwardHandlers {
  /** Another replica asks this one. */
  readonly asked: (work: Work, answer: AnswerWork) => void;
  /** What this replica asked, by its number, is answered. */
  readonly answered: (id: number, result: Result) => void;
}

const questionSchema = z.strictObject({ id: z.int().positive(), work: workSchema });
const answerSchema = z.object({ id: z.int().positive(), result: resultSchema });

/** Lives of other gateways that are answered; more than there are replicas. */
const destinationsMax = 256;

/** Carries work to the replica that leads, and back what came of it; at most once, in batches. */
export class ForwardLine {
  private readonly outbox: BatchOutbox;
  private readonly destinations = new Map<string, Destination>();
  private readonly subscriptions: { unsubscribe(): void }[] = [];

  constructor(private readonly options: ForwardLineOptions) {
    this.outbox = new BatchOutbox(options.connection, options.drops);
  }

  listen({ asked, answered }: ForwardHandlers): void {
    const { connection, prefix, replicaId, incarnation } = this.options;
    const own = { replicaId };
    this.subscriptions.push(
      connection.subscribe(subjectOf(prefix, subjects.consensusForward, own), ({ data }) => {
        this.receive(data, (batch) => {
          for (const item of batch.items) this.take(item, batch, asked);
        });
      }),
      connection.subscribe(subjectOf(prefix, subjects.consensusAnswer, own), ({ data }) => {
        this.receive(data, (batch) => {
          if (batch.asker !== incarnation) this.options.drops.foreignInternal += 1;
          else for (const item of batch.items) this.hear(item, answered);
        });
      }),
    );
  }

  close(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /**
   * Asks a replica.
   * @param id comes back with the answer; never used twice by this process
   * @returns why it was not sent, if it was not: then it has certainly not arrived
   */
  ask(to: ReplicaId, id: number, work: Work): Result | undefined {
    if (!this.options.connection.connected) return { kind: 'refused', reason: 'not_leader' };
    const destination = this.destination('consensusForward', to, this.options.incarnation);
    const isSent = this.outbox.add(destination, encodeItem({ id, work }));
    return isSent ? undefined : { kind: 'refused', reason: 'too_large' };
  }

  private take(item: unknown, { from, asker }: Batch, asked: ForwardHandlers['asked']): void {
    const question = questionSchema.safeParse(item);
    if (!question.success) {
      this.options.drops.malformedInternal += 1;
      return;
    }
    const { id, work } = question.data;
    asked(work, (result) => {
      const destination = this.destination('consensusAnswer', from, asker);
      if (this.outbox.add(destination, encodeItem({ id, result }))) return;
      this.outbox.add(destination, encodeItem({ id, result: withoutBody(result) }));
    });
  }

  private hear(item: unknown, answered: ForwardHandlers['answered']): void {
    const answer = answerSchema.safeParse(item);
    if (answer.success) answered(answer.data.id, answer.data.result);
    else this.options.drops.malformedInternal += 1;
  }

  private receive(bytes: Uint8Array, handle: (batch: Batch) => void): void {
    const { connection, cluster, drops } = this.options;
    let batch: Batch | undefined;
    try {
      batch = decodeBatch(bytes, connection.bodyBytesMax);
    } catch {
      batch = undefined;
    }
    if (batch === undefined) drops.malformedInternal += 1;
    else if (batch.cluster !== cluster) drops.foreignInternal += 1;
    else handle(batch);
  }

  private destination(
    template: 'consensusForward' | 'consensusAnswer',
    to: string,
    asker: string,
  ): Destination {
    const { prefix, cluster, replicaId } = this.options;
    const name = `${template} ${to} ${asker}`;
    const known = this.destinations.get(name);
    if (known !== undefined) return known;
    if (this.destinations.size >= destinationsMax) this.destinations.clear();
    const destination = {
      subject: subjectOf(prefix, subjects[template], { replicaId: to }),
      head: encodeHead({ cluster, from: replicaId, asker }),
    };
    this.destinations.set(name, destination);
    return destination;
  }
}

/** What is told instead of an answer that no message can carry. */
const withoutBody = ({ kind }: Result): Result =>
  kind === 'reading'
    ? { kind: 'failed', code: 'payload_too_large', message: 'what was read is larger than a message may be' }
    : { kind: 'unknown' };
