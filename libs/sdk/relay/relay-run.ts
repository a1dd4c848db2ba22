import { headers as natsHeaders, type Msg } from '@nats-io/transport-node';
import { type AgentId, agentIdSchema, parse, type RelayOrder, subjectOf, subjects } from '@nexus/contracts';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  type Conversation,
  type Encoding,
  readAnswer,
  type ReplyInbox,
  timerMsMax,
} from '@nexus/wire';
import { type Letter } from '../agent/reading.js';
import { PassedOn } from './passed-on.js';
import { ReportDraft } from './report-draft.js';

/** Who relays, and by which way. */
export interface RelayLine {
  readonly agentId: string;
  readonly prefix: string;
  readonly connection: Connection;
  /** The reply inbox of the connection. */
  readonly replies: ReplyInbox;
}

/** A message with an order to relay it. */
export interface RelayLetter extends Letter {
  readonly order: RelayOrder;
  readonly replySubject: string;
}

/** Sent at once, before others on the connection have a turn. */
const batch = 256;

/** Carries one order out: passes the message on, and brings together what comes back until all have or the time is up. */
export class RelayRun {
  private readonly draft: ReportDraft;
  private readonly conversation: Conversation;
  private readonly untilMs: number;
  /** Who was sent the message and has not answered, by place. */
  private readonly open = new Set<number>();
  private allSent = false;
  private readonly ended: Promise<void>;
  private end: () => void = () => undefined;

  constructor(
    private readonly line: RelayLine,
    private readonly letter: RelayLetter,
    private readonly signal: AbortSignal,
  ) {
    const { encoding, order, message } = letter;
    const relayId = parse(agentIdSchema, line.agentId, 'agentId');
    this.draft = new ReportDraft({ relayId, encoding, bodyBytesMax: line.connection.bodyBytesMax }, order);
    this.untilMs = performance.now() + message.budgetMs;
    this.conversation = line.replies.open((place, answer) => this.receive(place, answer));
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** How many agents were sent the message. Never rejects: what cannot be reported any more nobody waits for. */
  async run(): Promise<number> {
    const { letter, signal } = this;
    this.report(this.draft.take());
    // What has come by then goes out with the sign of life.
    const beat = setInterval(() => this.report(this.draft.take()), Math.min(timerMsMax, letter.order.beatMs));
    const late = setTimeout(this.end, Math.min(timerMsMax, Math.max(0, this.untilMs - performance.now())));
    signal.addEventListener('abort', this.end, { once: true });
    try {
      const sent = await this.passOn();
      this.allSent = true;
      this.endIfSettled();
      await this.ended;
      // One that leaves before its time has not waited for long enough to call anybody missing.
      this.report(this.draft.take(signal.aborted ? [] : this.silent()));
      return sent;
    } finally {
      signal.removeEventListener('abort', this.end);
      clearInterval(beat);
      clearTimeout(late);
      this.conversation.close();
    }
  }

  private async passOn(): Promise<number> {
    const { line, letter, draft } = this;
    const { order, message } = letter;
    const passedOn = new PassedOn(message, Math.min(message.budgetMs, order.targetBudgetMs));
    const answered = order.want !== 'sent';
    let sent = 0;
    for (const [place, target] of order.targets.entries()) {
      if (this.signal.aborted || performance.now() >= this.untilMs) break;
      const subject = subjectOf(line.prefix, subjects.agentPeer, {
        to: target.agentId,
        agentId: line.agentId,
      });
      const { body, headers } = passedOn.to(target);
      const reply = answered && { reply: this.conversation.replySubject(place) };
      try {
        line.connection.publish(subject, body, { headers, ...reply });
      } catch {
        // Whoever is named in no report is asked by Nexus.
        break;
      }
      sent += 1;
      if (answered) this.open.add(place);
      else draft.sent(target.agentId);
      if (sent % batch === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return sent;
  }

  private receive(place: number, message: Msg | null): void {
    if (!this.open.delete(place)) return;
    const { line, draft } = this;
    const { agentId } = this.letter.order.targets[place]!;
    if (message === null) draft.notThere(agentId);
    else {
      const { bodyBytesMax } = line.connection;
      const answer = readAnswer(message, agentId, { bodyBytesMax, admit: () => undefined });
      draft.answered(agentId, answer, message.data.length);
    }
    if (draft.full) this.report(draft.take());
    this.endIfSettled();
  }

  private endIfSettled(): void {
    if (this.allSent && this.open.size === 0) this.end();
  }

  private silent(): AgentId[] {
    const { targets } = this.letter.order;
    return [...this.open].map((place) => targets[place]!.agentId);
  }

  private report(bodies: readonly Uint8Array[]): void {
    const { line, letter } = this;
    for (const body of bodies) sendReport(line, letter, body);
  }
}

/** Sends a report, if the connection is there: whoever waits for it takes silence for a relay that is lost. */
export function sendReport(
  { connection }: Pick<RelayLine, 'connection'>,
  { replySubject, encoding }: Pick<RelayLetter, 'replySubject' | 'encoding'>,
  body: Uint8Array,
): void {
  try {
    connection.publish(replySubject, body, headersFor(encoding));
  } catch {
    // Not connected: nobody can be told that either.
  }
}

function headersFor(encoding: Encoding) {
  if (encoding === 'json') return {};
  const headers = natsHeaders();
  headers.set(contentTypeHeader, contentTypeOf(encoding));
  return { headers };
}
