import { NexusError } from '@nexus/contracts';

/** Of a safe integer, 7 bits a byte. */
export const varintBytesMax = 8;

/** Writes a number from 0 to 2^53 - 1, low bits first. Returns where the next byte goes. */
export function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= 0x80) {
    // The remainder first: bit operations would cut a number above 2^31.
    bytes[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[at++] = rest;
  return at;
}

/** Reads what may come from anywhere: it never looks beyond the end. */
export class ByteReader {
  private at = 0;

  constructor(private readonly source: Uint8Array) {}

  byte(): number {
    const value = this.source[this.at];
    if (value === undefined) throw truncated();
    this.at++;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < varintBytesMax; n++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
      scale *= 0x80;
    }
    throw new NexusError('invalid_argument', 'malformed log entries: a number beyond 2^53');
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.source.length) throw truncated();
    const view = this.source.subarray(this.at, end);
    this.at = end;
    return view;
  }

  expectEnd(): void {
    if (this.at < this.source.length) {
      throw new NexusError('invalid_argument', 'malformed log entries: bytes after the last one');
    }
  }
}

const truncated = () => new NexusError('invalid_argument', 'malformed log entries: they end too early');
