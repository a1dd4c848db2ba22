import { connect } from 'node:net';
import type { ServerKind } from './kind.js';
import { loopback } from './ports.js';

/** What a server says of itself when it is ready to serve. */
export interface Ready {
  /** NATS: the server's name; Redis: its process id. Tells our server from another on the same port. */
  readonly identity: string;
}

interface Dialogue {
  /** Sent on connecting. */
  readonly hello: string;
  /** The identity once the answer is complete and says that the server serves. */
  readonly read: (answer: string) => Ready | undefined;
}

const answerCharsMax = 64_000;

const dialogues: Readonly<Record<ServerKind, Dialogue>> = {
  nats: { hello: 'CONNECT {"verbose":false}\r\nPING\r\n', read: readNatsAnswer },
  redis: { hello: 'PING\r\nINFO server\r\n', read: readRedisAnswer },
};

/** INFO comes first, PONG after it: then the server reads and writes. */
export function readNatsAnswer(answer: string): Ready | undefined {
  const info = /^INFO (\{.*\})\s*\r\n/.exec(answer)?.[1];
  if (info === undefined || !answer.includes('\r\nPONG\r\n')) return undefined;
  const name: unknown = (JSON.parse(info) as Record<string, unknown>)['server_name'];
  return typeof name === 'string' ? { identity: name } : undefined;
}

/** A Redis that still reads its file answers `-LOADING`, and is not ready. */
export function readRedisAnswer(answer: string): Ready | undefined {
  if (!answer.startsWith('+PONG\r\n')) return undefined;
  const pid = /\r\nprocess_id:(\d+)\r\n/.exec(answer)?.[1];
  return pid === undefined ? undefined : { identity: pid };
}

/** Speaks the server's protocol once; `undefined` when it does not answer properly within `timeoutMs`. */
export function probe(kind: ServerKind, port: number, timeoutMs: number): Promise<Ready | undefined> {
  const { hello, read } = dialogues[kind];
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ port, host: loopback });
    const timer = setTimeout(() => settle(undefined), timeoutMs);
    const settle = (ready: Ready | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(ready);
    };
    socket.setEncoding('utf8');
    socket.once('connect', () => socket.write(hello));
    socket.once('error', () => settle(undefined));
    socket.once('close', () => settle(undefined));
    socket.on('data', (text: string) => {
      answer += text;
      const ready = answer.length > answerCharsMax ? undefined : readSafely(read, answer);
      if (ready !== undefined || answer.length > answerCharsMax) settle(ready);
    });
  });
}

/** Whatever else listens there may say anything. */
function readSafely(read: Dialogue['read'], answer: string): Ready | undefined {
  try {
    return read(answer);
  } catch {
    return undefined;
  }
}
