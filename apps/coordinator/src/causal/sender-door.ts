import { headers as natsHeaders, type Msg } from '@nats-io/transport-node';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  causalRepairRequestSchema,
  causalSyncRequestSchema,
  NexusError,
  parse,
  type SenderFrontier,
  senderFrontierSchema,
  subjectOf,
  subjectParams,
  subjects,
  subscriptionOf,
} from '@nexus/contracts';
import { idOfSender } from '@nexus/core/causality';
import { type Drops } from '@nexus/platform/nats';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  decodeBody,
  encodeBody,
  encodingOf,
  isReplySubject,
  RepairBudget,
} from '@nexus/wire';
import { type CausalBroadcasts } from './causal-broadcasts.js';

export interface SenderDoorOptions {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
  /** By which others name this sender: the node id. */
  readonly self: string;
  readonly broadcasts: CausalBroadcasts;
  readonly drops: Drops;
}

/** What may be sent again, to all together. */
const repairBytesPerSecond = 16 * 1024 * 1024;
/** Room for one message at least, while anything may be sent at all; in bytes. */
const leastBytes = 64 * 1024;

/** How often is looked whether there is a frontier to tell of, in milliseconds. */
const tickMs = 250;

/**
 * What a sender of causal broadcasts owes to those who listen: what they missed, where it stands when they begin, and,
 * unasked, how far it has come.
 */
export class SenderDoor implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly subscriptions: { unsubscribe(): void }[] = [];
  private readonly budget = new RepairBudget({ bytesPerSecond: repairBytesPerSecond });
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SenderDoorOptions) {}

  onApplicationBootstrap(): void {
    const { connection, prefix, self, broadcasts } = this.options;
    const repair = subjectOf(prefix, subjects.causalRepair, { memberId: self });
    const sync = subjectOf(prefix, subjects.causalSync, {});
    const frontiers = subscriptionOf(prefix, subjects.causalFrontier);
    this.subscriptions.push(
      connection.subscribe(repair, (message) =>
        this.answer(message, (body) =>
          this.repaired(parse(causalRepairRequestSchema, body, 'request for a repair')),
        ),
      ),
      connection.subscribe(sync, (message) =>
        this.answer(message, (body) =>
          broadcasts.standing(parse(causalSyncRequestSchema, body, 'request to sync').channels),
        ),
      ),
      connection.subscribe(frontiers, (message) => this.hear(message)),
    );
    this.timer = setInterval(() => this.tell(broadcasts.frontiersDue()), tickMs).unref();
  }

  /** After the last request was answered, and while the connection is still there. */
  onApplicationShutdown(): void {
    clearInterval(this.timer);
    // Who missed the last broadcast learns of it now or never: nobody will be there to be asked.
    this.tell(this.options.broadcasts.lastFrontiers());
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  private repaired(request: Parameters<CausalBroadcasts['repair']>[0]): unknown {
    const { connection, broadcasts } = this.options;
    const leftBytes = this.budget.leftBytes(performance.now());
    // Better no answer than one that says that nothing is to be had: who asked asks again, and asks others.
    if (leftBytes <= 0) return undefined;
    const bytesMax = Math.min(connection.bodyBytesMax, Math.max(leftBytes, leastBytes));
    const { messages, keptFrom } = broadcasts.repair(request, bytesMax);
    this.budget.spend(messages.reduce((sum, { length }) => sum + length, 0));
    return {
      messages: messages.map((body) => JSON.parse(Buffer.from(body).toString()) as unknown),
      ...(keptFrom !== undefined && { keptFrom }),
    };
  }

  /** Whatever a message holds, it costs one counted drop at most. */
  private answer(message: Msg, handle: (body: unknown) => unknown): void {
    const { connection, drops } = this.options;
    if (!message.reply) return;
    if (!isReplySubject(message.reply)) {
      drops.foreignReply += 1;
      return;
    }
    try {
      const encoding = encodingOf(message.headers?.get(contentTypeHeader));
      const reply = handle(decodeBody(message.data, encoding));
      if (reply === undefined) return;
      const headers = natsHeaders();
      if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
      connection.publish(message.reply, encodeBody(reply, encoding), { headers });
    } catch (thrown) {
      if (NexusError.from(thrown).code === 'invalid_argument') drops.unanswerable += 1;
      else drops.undeliveredReply += 1;
    }
  }

  /** Another sender tells of itself; its name has to be the one that the subject says. */
  private hear({ subject, data }: Msg): void {
    const { broadcasts, drops } = this.options;
    try {
      const { memberId } = subjectParams(subjects.causalFrontier, subject);
      const frontier = parse(senderFrontierSchema, decodeBody(data), 'frontier');
      if (idOfSender(frontier.sender) !== memberId) drops.refusedCausal += 1;
      else broadcasts.observeSender(frontier);
    } catch {
      drops.unanswerable += 1;
    }
  }

  private tell(frontiers: readonly SenderFrontier[]): void {
    const { connection, prefix, self } = this.options;
    if (!connection.connected) return;
    const subject = subjectOf(prefix, subjects.causalFrontier, { memberId: self });
    for (const frontier of frontiers) connection.publish(subject, encodeBody(frontier));
  }
}
