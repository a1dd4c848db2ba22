import { type Msg, type NatsConnection, nuid } from '@nats-io/transport-node';

const timeoutMs = 10_000;

/** Takes an answer, and says whether it was the last. */
type OnAnswer = (message: Msg) => boolean;

interface Pending {
  readonly onAnswer: OnAnswer;
  readonly reject: (error: Error) => void;
}

/**
 * What a program does that uses the NATS client alone, written as well as one would by hand and with nothing of Nexus:
 * the limit that the others are measured against. One inbox subscription for all answers, told apart by a number at the
 * end of the reply subject; no timer a request, one for all.
 */
export class RawClient {
  private readonly root: string;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private answers = 0;
  private answersSeen = 0;

  constructor(private readonly nats: NatsConnection) {
    this.root = `_INBOX.${nuid.next()}.`;
    nats.subscribe(`${this.root}*`, { callback: (_, message) => this.receive(message) });
    setInterval(() => this.watch(), timeoutMs).unref();
  }

  /** The client's own request and reply. */
  async request(subject: string, body: object): Promise<unknown> {
    const reply = await this.nats.request(subject, JSON.stringify(body), { timeout: timeoutMs });
    return reply.json();
  }

  /** Request and reply over one inbox for all of them: the bare multiplexed loop. */
  ask(subject: string, body: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const reply = this.expect({
        onAnswer: (message) => {
          resolve(message.json());
          return true;
        },
        reject,
      });
      this.nats.publish(subject, JSON.stringify(body), { reply });
    });
  }

  /** A message to each subject, all answers to the one inbox. */
  askEach(subjects: readonly string[], body: object): Promise<unknown[]> {
    return this.collect(subjects.length, (reply) => {
      for (const subject of subjects) this.nats.publish(subject, JSON.stringify(body), { reply });
    });
  }

  /** One message to a subject that many listen on, all answers to the one inbox: bare publish and collect. */
  askGroup(subject: string, body: object, members: number): Promise<unknown[]> {
    return this.collect(members, (reply) => this.nats.publish(subject, JSON.stringify(body), { reply }));
  }

  /** The client's own request with many replies. */
  async requestMany(subject: string, body: object, members: number): Promise<unknown[]> {
    const answers: unknown[] = [];
    const messages = await this.nats.requestMany(subject, JSON.stringify(body), {
      strategy: 'count',
      maxMessages: members,
      maxWait: timeoutMs,
    });
    for await (const message of messages) answers.push(message.json());
    if (answers.length < members) throw new Error(`${answers.length} of ${members} answered`);
    return answers;
  }

  private collect(expected: number, send: (reply: string) => void): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      const onAnswer = (message: Msg) => {
        answers.push(message.json());
        if (answers.length < expected) return false;
        resolve(answers);
        return true;
      };
      send(this.expect({ onAnswer, reject }));
    });
  }

  private expect(pending: Pending): string {
    const id = this.nextId++;
    this.pending.set(id, pending);
    return `${this.root}${id}`;
  }

  private receive(message: Msg): void {
    const id = Number(message.subject.slice(this.root.length));
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.answers += 1;
    if (message.data.length === 0) pending.reject(new Error('nobody listens'));
    else if (!pending.onAnswer(message)) return;
    this.pending.delete(id);
  }

  /** Silence is no figure: what waits without an answer to anything for so long has failed. */
  private watch(): void {
    if (this.answers === this.answersSeen && this.pending.size > 0) {
      for (const { reject } of this.pending.values()) reject(new Error(`silence for ${timeoutMs} ms`));
      this.pending.clear();
    }
    this.answersSeen = this.answers;
  }
}
