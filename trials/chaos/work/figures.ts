import { Connection, decodeBody, ReplyInbox } from '@nexus/wire';
import { z } from 'zod';

const count = z.number();
const statsSchema = z.object({
  id: z.string(),
  data: z.object({
    work: z.object({
      ...{ inFlight: count, inFlightMax: count, elsewhere: count },
      ...{ waiting: count, ejected: count, ejectionsTotal: count },
    }),
  }),
});

/** What a coordinator says to have under way. */
export type WorkFigures = z.infer<typeof statsSchema>['data']['work'] & { readonly id: string };

const answersWithinMs = 2_000;

/** Asks all coordinators what they have under way, as any tool for NATS services does. */
export class Figures {
  private readonly replies: ReplyInbox;

  private constructor(
    private readonly connection: Connection,
    private readonly coordinators: number,
  ) {
    this.replies = new ReplyInbox(connection);
  }

  static async open(servers: string, coordinators: number): Promise<Figures> {
    return new Figures(await Connection.open({ servers, name: 'chaos figures' }), coordinators);
  }

  /** Of each coordinator that answers in time. */
  async read(): Promise<WorkFigures[]> {
    const figures: WorkFigures[] = [];
    await new Promise<void>((resolve) => {
      const conversation = this.replies.open((_slot, message) => {
        if (message === null)
          end(); // nobody listens
        else {
          const { id, data } = statsSchema.parse(decodeBody(message.data));
          figures.push({ id, ...data.work });
          if (figures.length === this.coordinators) end();
        }
      });
      const end = () => {
        clearTimeout(timer);
        conversation.close();
        resolve();
      };
      const timer = setTimeout(end, answersWithinMs);
      this.connection.publish('$SRV.STATS.nexus-coordinator', new Uint8Array(), {
        reply: conversation.replySubject(0),
      });
    });
    return figures;
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
