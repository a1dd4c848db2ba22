import { type Msg } from '@nats-io/transport-node';
import { agentAnswerSchema, type ErrorCode, NexusError } from '@nexus/contracts';
import { contentTypeHeader, decodeBody, encodingOf, forwardedDepthMax } from '@nexus/wire';

/** What an agent made of a message. */
export type Answer =
  | { readonly kind: 'done'; readonly data: unknown }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Room that an answer needs around it to travel inside a reply, in bytes. */
const envelopeBytes = 4_096;

/**
 * Reads an answer that came on the reply subject of `agentId`. A malformed one is that agent's failure and nobody
 * else's: it never throws.
 */
export function readAnswer(message: Msg, agentId: string, bodyBytesMax: number): Answer {
  try {
    const encoding = encodingOf(message.headers?.get(contentTypeHeader));
    const bounds = { bytesMax: bodyBytesMax - envelopeBytes, depthMax: forwardedDepthMax - 4 };
    const parsed = agentAnswerSchema.safeParse(decodeBody(message.data, encoding, bounds));
    if (!parsed.success) return malformed(NexusError.fromIssues('answer', parsed.error).message);
    const answer = parsed.data;
    if (answer.agentId !== agentId) return malformed(`it names agent ${answer.agentId}`);
    if (answer.ok) return { kind: 'done', data: answer.data ?? null };
    return { kind: 'failed', code: answer.error.code, message: answer.error.message };
  } catch (thrown) {
    const { code, message: why } = NexusError.from(thrown);
    return code === 'payload_too_large' ? { kind: 'failed', code, message: why } : malformed(why);
  }
}

const malformed = (why: string): Answer => ({
  kind: 'failed',
  code: 'internal',
  message: `malformed answer: ${why}`.slice(0, 512),
});
