import { Buffer } from 'node:buffer';
import { type ClientHttp2Session, connect, constants } from 'node:http2';

/** In front of every gRPC message: not compressed, and how long. */
const prefixBytes = 5;
const delimited = 2;

/** Unary gRPC calls over HTTP/2 as Node has it, without a package: one connection, as many streams as are under way. */
export class GrpcClient {
  private readonly session: ClientHttp2Session;

  constructor(authority: string) {
    this.session = connect(authority);
    // What fails is told by the call that it fails.
    this.session.on('error', () => undefined);
  }

  /** @throws Error what the server says, or how the stream ended */
  call(path: string, message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.session.request({
        [constants.HTTP2_HEADER_METHOD]: constants.HTTP2_METHOD_POST,
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
        [constants.HTTP2_HEADER_TE]: 'trailers',
      });
      let status: unknown;
      const note = (headers: Record<string, unknown>) => (status = headers['grpc-status'] ?? status);
      stream.on('response', note).on('trailers', note).on('error', reject).resume();
      stream.on('close', () => {
        if (status === '0') resolve();
        else reject(new Error(`gRPC status ${String(status)}`));
      });
      stream.end(framed(message));
    });
  }

  close(): void {
    this.session.destroy();
  }
}

function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(prefixBytes + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** A protobuf message of texts, numbered from 1; each shorter than 128 bytes. */
export function textsMessage(...texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.map((text, index) => {
      const bytes = Buffer.from(text);
      if (bytes.length > 0x7f) throw new RangeError('a text of 128 bytes or more');
      return Buffer.concat([Buffer.of(((index + 1) << 3) | delimited, bytes.length), bytes]);
    }),
  );
}
