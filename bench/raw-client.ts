import { type Msg } from '@nats-io/transport-node';
import { type Connection, ReplyInbox } from '@nexus/wire';

const timeoutMs = 10_000;

/** What a program does that uses the NATS client alone, written as well as one would by hand. */
export class RawClient {
  private readonly replies: ReplyInbox;

  constructor(private readonly connection: Connection) {
    this.replies = new ReplyInbox(connection);
  }

  /** The client's own request and reply. */
  async request(subject: string, body: object): Promise<unknown> {
    const reply = await this.connection.nats.request(subject, JSON.stringify(body), { timeout: timeoutMs });
    return reply.json();
  }

  /** Request and reply over one inbox for all of them, told apart by the reply subject. */
  async ask(subject: string, body: object): Promise<unknown> {
    const [answer] = await this.collect(1, (replySubject) => this.publish(subject, body, replySubject(0)));
    return answer;
  }

  /** A message to each subject, all answers to the one inbox. */
  askEach(subjects: readonly string[], body: object): Promise<unknown[]> {
    return this.collect(subjects.length, (replySubject) =>
      subjects.forEach((subject, slot) => this.publish(subject, body, replySubject(slot))),
    );
  }

  /** One message to a subject that many listen on, all answers to the one inbox. */
  askGroup(subject: string, body: object, members: number): Promise<unknown[]> {
    return this.collect(members, (replySubject) => this.publish(subject, body, replySubject(0)));
  }

  /** The client's own request with many replies. */
  async requestMany(subject: string, body: object, members: number): Promise<unknown[]> {
    const answers: unknown[] = [];
    const messages = await this.connection.nats.requestMany(subject, JSON.stringify(body), {
      strategy: 'count',
      maxMessages: members,
      maxWait: timeoutMs,
    });
    for await (const message of messages) answers.push(message.json());
    if (answers.length < members) throw new Error(`${answers.length} of ${members} answered`);
    return answers;
  }

  private publish(subject: string, body: object, reply: string): void {
    this.connection.nats.publish(subject, JSON.stringify(body), { reply });
  }

  private collect(
    expected: number,
    send: (replySubject: (slot: number) => string) => void,
  ): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      const conversation = this.replies.open((_, message: Msg | null) => {
        if (message) answers.push(message.json());
        else fail('nobody listens');
        if (answers.length === expected) end(() => resolve(answers));
      });
      const end = (settle: () => void) => {
        clearTimeout(timer);
        conversation.close();
        settle();
      };
      const fail = (why: string) =>
        end(() => reject(new Error(`${why}: ${answers.length} of ${expected} answered`)));
      const timer = setTimeout(() => fail(`silence for ${timeoutMs} ms`), timeoutMs);
      send((slot) => conversation.replySubject(slot));
    });
  }
}
