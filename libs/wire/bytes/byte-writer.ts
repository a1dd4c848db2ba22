const startBytes = 4_096;
const varintBytesMax = 8;

/** Writes numbers, texts and bytes one behind the other, into memory that it uses again. */
export class ByteWriter {
  private bytes = Buffer.allocUnsafe(startBytes);
  private used = 0;

  byte(value: number): this {
    this.room(1);
    this.bytes[this.used++] = value;
    return this;
  }

  flag(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, the lowest first. */
  varint(value: number): this {
    this.room(varintBytesMax);
    let rest = value;
    // Shifts work on 32 bits; beyond them it is divided.
    while (rest > 0x7fffffff) {
      this.bytes[this.used++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.bytes[this.used++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.used++] = rest;
    return this;
  }

  /** A text of ASCII, as ids are, with its length before it: nothing needs to be counted to know that. */
  ascii(value: string): this {
    this.varint(value.length).room(value.length);
    this.used += this.bytes.write(value, this.used, 'latin1');
    return this;
  }

  /** A text in UTF-8 with its length before it. */
  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.varint(length).room(length);
    this.used += this.bytes.write(value, this.used);
    return this;
  }

  /** Bytes with their length before them. */
  block(value: Uint8Array): this {
    return this.varint(value.length).raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): this {
    this.room(value.length);
    this.bytes.set(value, this.used);
    this.used += value.length;
    return this;
  }

  /** What was written since the last time, in memory of its own. */
  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.used);
    this.bytes.copy(taken, 0, 0, this.used);
    this.used = 0;
    return taken;
  }

  private room(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.used + bytes));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}
