import { isUtf8 } from 'node:buffer';
import { Malformed } from './malformed.js';

const varintBytesMax = 8;

/**
 * Reads what a `ByteWriter` wrote, and believes none of it: every length is checked against the bytes that are there.
 * Every method throws `Malformed` for what no writer would have written.
 */
export class ByteReader {
  private at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new Malformed('it ends early');
    this.at += 1;
    return value;
  }

  flag(): boolean {
    const value = this.byte();
    if (value > 1) throw new Malformed('neither true nor false');
    return value === 1;
  }

  /** One number in one way: its shortest. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < varintBytesMax; read += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte <= 0x7f) {
        if (!Number.isSafeInteger(value)) throw new Malformed('a number is too large');
        if (byte === 0 && read > 0) throw new Malformed('a number is longer than it need be');
        return value;
      }
      scale *= 0x80;
    }
    throw new Malformed('a number is too long');
  }

  /** How many follow; refused when the bytes that are left cannot hold them. */
  count(bytesEachMin: number): number {
    const count = this.varint();
    if (count * bytesEachMin > this.left) throw new Malformed('it announces more than there is');
    return count;
  }

  /** A text of ASCII; whoever takes it for an id checks that it is one. */
  ascii(): string {
    return this.view(this.varint()).toString('latin1');
  }

  /** A text in UTF-8. */
  text(bytesMax: number): string {
    const length = this.varint();
    if (length > bytesMax) throw new Malformed('a text is too long');
    const view = this.view(length);
    if (!isUtf8(view)) throw new Malformed('a text is not UTF-8');
    return view.toString('utf8');
  }

  /** Bytes with their length before them; a view of what is read. */
  block(): Uint8Array {
    return this.view(this.varint());
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** All that is left, in memory of its own: a view would keep whatever it arrived in. */
  detachRest(): ByteReader {
    return new ByteReader(Uint8Array.prototype.slice.call(this.bytes, this.at));
  }

  end(): void {
    if (this.left > 0) throw new Malformed('bytes follow the end');
  }

  private view(length: number): Buffer {
    if (length > this.left) throw new Malformed('a length exceeds the bytes');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
