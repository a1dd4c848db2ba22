import { type Msg } from '@nats-io/transport-node';
import { type AgentAnswer, agentAnswerSchema, type ErrorCode, NexusError } from '@nexus/contracts';
import { contentTypeHeader, decodeBody, encodingOf, forwardedDepthMax } from '@nexus/wire';
import { type Admit, noParts } from '../coordination/part-sink.js';

/** What an agent had seen when it answered, as it says. */
export type Seen = Pick<AgentAnswer, 'clock' | 'frontiers'>;

interface Told {
  /** Absent where it said nothing of it, as agents do outside causal operations. */
  readonly seen?: Seen;
}

/** What an agent made of a message. */
export type Answer =
  | (Told & { readonly kind: 'done'; readonly data: unknown })
  | (Told & { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string });

/** Room that an answer needs around it to travel in a reply message of its own, in bytes: ids, list, coordination. */
export const envelopeBytes = 4_096;

/** Levels of nesting that a reply puts around what an agent said: the reply, its result, the list, the entry. */
const envelopeLevels = 4;

/** Longer messages of failures are cut: those of a whole fleet must not make up a result of their own. */
const failureCharsMax = 512;

/**
 * Reads an answer that came on the reply subject of `agentId`. A malformed one, and one for which the result has no
 * room, is that agent's failure and nobody else's: it never throws.
 */
export function readAnswer(
  message: Msg,
  agentId: string,
  bodyBytesMax: number,
  admit: Admit = noParts.admit,
): Answer {
  try {
    const encoding = encodingOf(message.headers?.get(contentTypeHeader));
    const bounds = { bytesMax: bodyBytesMax - envelopeBytes, depthMax: forwardedDepthMax - envelopeLevels };
    const parsed = agentAnswerSchema.safeParse(decodeBody(message.data, encoding, bounds));
    if (!parsed.success) return malformed(NexusError.fromIssues('answer', parsed.error).message);
    const answer = parsed.data;
    if (answer.agentId !== agentId) return malformed(`it names agent ${answer.agentId}`);
    const told = toldIn(answer);
    if (!answer.ok) return { ...failed(answer.error.code, answer.error.message), ...told };
    const data = answer.data ?? null;
    admit(data, message.data.length);
    return { kind: 'done', data, ...told };
  } catch (thrown) {
    const { code, message: why } = NexusError.from(thrown);
    return code === 'payload_too_large' ? failed(code, why) : malformed(why);
  }
}

function toldIn({ clock, frontiers }: AgentAnswer): Told | undefined {
  if (clock === undefined && frontiers === undefined) return undefined;
  return { seen: { ...(clock && { clock }), ...(frontiers && { frontiers }) } };
}

const failed = (code: ErrorCode, message: string): Answer => ({
  kind: 'failed',
  code,
  message: message.slice(0, failureCharsMax),
});

const malformed = (why: string): Answer => failed('internal', `malformed answer: ${why}`);
