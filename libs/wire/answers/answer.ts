import { type Msg } from '@nats-io/transport-node';
import {
  type AgentAnswer,
  agentAnswerSchema,
  compiled,
  type ErrorCode,
  hostAnswerSchema,
  type Load,
  NexusError,
} from '@nexus/contracts';
import { contentTypeHeader, decodeBody, encodingOf, forwardedDepthMax } from '../encoding.js';

/** What an agent had seen when it answered, as it says. */
export type Seen = Pick<AgentAnswer, 'clock' | 'frontiers'>;

interface Told {
  /** Absent where it said nothing of it, as agents do outside causal operations. */
  readonly seen?: Seen;
  /** How loaded it is, by its own account. */
  readonly load?: Load;
}

/** What an agent made of a message. */
export type Answer =
  | (Told & { readonly kind: 'done'; readonly data: unknown })
  | (Told & {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      /** Of a refusal: when the agent wants to be asked again, in milliseconds. */
      readonly retryAfterMs?: number;
    });

/** Room that an answer needs around it to travel in a reply message of its own, in bytes: ids, list, coordination. */
export const envelopeBytes = 4_096;

/** Levels of nesting that a reply puts around what an agent said: the reply, its result, the list, the entry. */
const envelopeLevels = 4;

/** Longer messages of failures are cut: those of a whole fleet must not make up a result of their own. */
const failureCharsMax = 512;

/** How answers are read. */
export interface Reading {
  /** Largest body that one message can carry, in bytes. */
  readonly bodyBytesMax: number;
  /**
   * Takes room in the result for an answer that came in so many bytes.
   * @throws NexusError `payload_too_large` when there is none
   */
  readonly admit: (data: unknown, receivedBytes: number) => void;
}

/**
 * Reads an answer that came on the reply subject of `agentId`. A malformed one, and one for which the result has no
 * room, is that agent's failure and nobody else's: it never throws.
 */
export function readAnswer(message: Msg, agentId: string, reading: Reading): Answer {
  try {
    const parsed = compiled(agentAnswerSchema).safeParse(bodyOf(message, reading.bodyBytesMax));
    if (!parsed.success) return malformed(NexusError.fromIssues('answer', parsed.error).message);
    return answerOf(parsed.data, agentId, message.data.length, reading);
  } catch (thrown) {
    return failureOf(thrown);
  }
}

/** What a host sent for several of its agents; `malformed` when that cannot be told apart. */
export type HostReading =
  | { readonly kind: 'answers'; readonly answers: ReadonlyMap<string, Answer> }
  | { readonly kind: 'malformed'; readonly answer: Answer };

/** Reads a host's answers; none of them can spoil another. It never throws. */
export function readHostAnswers(message: Msg, hostId: string, reading: Reading): HostReading {
  try {
    const body = bodyOf(message, reading.bodyBytesMax);
    const parsed = compiled(hostAnswerSchema).safeParse(body);
    if (!parsed.success) throw NexusError.fromIssues('answer', parsed.error);
    if (parsed.data.hostId !== hostId)
      throw new NexusError('internal', `it names host ${parsed.data.hostId}`);
    const { answers } = parsed.data;
    // What each took of the message nobody can tell without writing it anew: an equal share.
    const bytesEach = Math.ceil(message.data.length / answers.length);
    return {
      kind: 'answers',
      answers: new Map(answers.map((answer) => [answer.agentId, answerIn(answer, bytesEach, reading)])),
    };
  } catch (thrown) {
    return { kind: 'malformed', answer: malformed(NexusError.from(thrown).message) };
  }
}

/**
 * @param levels of nesting that the body puts around each answer
 * @throws NexusError for what does not pass the guard
 */
export function bodyOf(message: Msg, bodyBytesMax: number, levels = 0): Record<string, unknown> {
  const encoding = encodingOf(message.headers?.get(contentTypeHeader));
  const depthMax = forwardedDepthMax - envelopeLevels + levels;
  const bounds = { bytesMax: bodyBytesMax - envelopeBytes, depthMax };
  return decodeBody(message.data, encoding, bounds);
}

function answerOf(answer: AgentAnswer, agentId: string, bytes: number, { admit }: Reading): Answer {
  if (answer.agentId !== agentId) return malformed(`it names agent ${answer.agentId}`);
  const told = toldIn(answer);
  if (!answer.ok) {
    const { code, message, retryAfterMs } = answer.error;
    return { ...failed(code, message), ...(retryAfterMs !== undefined && { retryAfterMs }), ...told };
  }
  const data = answer.data ?? null;
  admit(data, bytes);
  return { kind: 'done', data, ...told };
}

/** Reads one answer out of many, by the id that it names; it never throws. */
export function answerIn(answer: AgentAnswer, bytes: number, reading: Reading): Answer {
  try {
    return answerOf(answer, answer.agentId, bytes, reading);
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function failureOf(thrown: unknown): Answer {
  const { code, message } = NexusError.from(thrown);
  return code === 'payload_too_large' ? failed(code, message) : malformed(message);
}

function toldIn({ clock, frontiers, load }: AgentAnswer): Told | undefined {
  const saysWhatItSaw = clock !== undefined || frontiers !== undefined;
  if (!saysWhatItSaw && load === undefined) return undefined;
  return {
    ...(load && { load }),
    ...(saysWhatItSaw && { seen: { ...(clock && { clock }), ...(frontiers && { frontiers }) } }),
  };
}

const failed = (code: ErrorCode, message: string): Answer => ({
  kind: 'failed',
  code,
  message: message.slice(0, failureCharsMax),
});

const malformed = (why: string): Answer => failed('internal', `malformed answer: ${why}`);
