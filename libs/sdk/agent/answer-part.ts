import { type AgentAnswer, NexusError } from '@nexus/contracts';
import { decodeBody, encodeBody, type Encoding } from '@nexus/wire';
import { messageLimits } from './reading.js';

/** The answer of one agent as it is sent, alone or among others: JSON text, or MessagePack bytes. */
export type Part = string | Uint8Array;

/** An answer that was written, and what it says. */
export interface Written {
  readonly part: Part;
  readonly ok: boolean;
}

/** What an answer says beside what came of the message. */
export type Beside = Pick<AgentAnswer, 'load' | 'clock' | 'frontiers'>;

/** Longest error message that an answer carries, in characters. */
const messageCharsMax = 4_096;

const unspeakable = (cause: unknown) =>
  new NexusError('internal', 'the handler returned what JSON cannot express', { cause });

/** Writes what a handler returned; what cannot be written becomes an error that says so. */
export function writeDone(encoding: Encoding, agentId: string, data: unknown, beside?: Beside): Written {
  try {
    if (encoding === 'json')
      return { part: `${jsonHead(agentId, true)}"data":${json(data)}${tail(beside)}`, ok: true };
    return { part: pack({ agentId, ok: true, data: data ?? null }, beside), ok: true };
  } catch (cause) {
    return writeFailed(encoding, agentId, unspeakable(cause), beside);
  }
}

export function writeFailed(
  encoding: Encoding,
  agentId: string,
  { code, message, retryAfterMs }: NexusError,
  beside?: Beside,
): Written {
  const error = {
    ...{ code, message: message.slice(0, messageCharsMax) },
    // Who is overloaded and says for how long is left alone for as long.
    ...(Number.isFinite(retryAfterMs) && { retryAfterMs }),
  };
  const part =
    encoding === 'json'
      ? `${jsonHead(agentId, false)}"error":${JSON.stringify(error)}${tail(beside)}`
      : pack({ agentId, ok: false, error }, beside);
  return { part, ok: false };
}

/** An answer as the body of a message. */
export const bytesOf = (part: Part): Uint8Array => (typeof part === 'string' ? Buffer.from(part) : part);

/** The same answer, for somebody who reads another encoding. */
export function inEncoding(encoding: Encoding, written: Written): Written {
  const { part, ok } = written;
  if ((typeof part === 'string') === (encoding === 'json')) return written;
  if (typeof part === 'string') return { part: encodeBody(JSON.parse(part), 'msgpack'), ok };
  const answer = decodeBody(part, 'msgpack', messageLimits);
  return { part: JSON.stringify(answer), ok };
}

/** An id holds nothing that JSON would have to escape. */
const jsonHead = (agentId: string, ok: boolean) => `{"agentId":"${agentId}","ok":${ok},`;

function json(data: unknown): string {
  if (data === null) return 'null';
  // There is nothing to write of undefined, a function or a symbol, whatever the library's types say.
  const text = JSON.stringify(data) as string | undefined;
  return text ?? 'null';
}

function tail(beside: Beside | undefined): string {
  const text = beside ? JSON.stringify(beside) : '{}';
  return text === '{}' ? '}' : `,${text.slice(1)}`;
}

const pack = (answer: Readonly<Record<string, unknown>>, beside: Beside | undefined): Uint8Array =>
  encodeBody(beside ? { ...answer, ...beside } : answer, 'msgpack');
