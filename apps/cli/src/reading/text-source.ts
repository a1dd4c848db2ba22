import { createReadStream } from 'node:fs';
import { NexusError } from '@nexus/contracts';

/** Far above what a service takes; keeps a wrong file name from filling the memory. */
const bytesMax = 16 * 1024 * 1024;

/**
 * What an option names: the text itself, `@file` for a file's, `-` for standard input's.
 * @throws NexusError `invalid_argument` when it cannot be read, `payload_too_large` when it is absurdly large
 */
export async function readSource(named: string, stdin: NodeJS.ReadableStream): Promise<string> {
  if (named === '-') return readAll(stdin, 'standard input');
  if (!named.startsWith('@')) return named;
  const path = named.slice(1);
  return readAll(createReadStream(path), path);
}

async function readAll(stream: NodeJS.ReadableStream, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += buffer.length;
      if (bytes > bytesMax) throw tooLarge(what);
      chunks.push(buffer);
    }
  } catch (cause) {
    if (cause instanceof NexusError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NexusError('invalid_argument', `${what} cannot be read: ${reason}`, { cause });
  }
  return Buffer.concat(chunks).toString('utf8');
}

const tooLarge = (what: string) =>
  new NexusError('payload_too_large', `${what} has more than ${bytesMax} bytes`);
