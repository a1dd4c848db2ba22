/*
 * FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923), on two unsigned 32-bit halves: BigInt would cost an allocation a byte.
 * The prime is 2^40 + 0x1b3, so one multiplication is a small product and a shift.
 */
const offsetHigh = 0xcbf29ce4;
const offsetLow = 0x84222325;
const primeLow = 0x1b3;
const separator = 0x0a;

class Fnv1a {
  private high = offsetHigh;
  private low = offsetLow;

  byte(octet: number): void {
    const low = (this.low ^ octet) >>> 0;
    const product = low * primeLow; // below 2^41: exact
    const carry = Math.floor(product / 0x1_0000_0000);
    this.high = (Math.imul(this.high, primeLow) + (low << 8) + carry) >>> 0;
    this.low = product >>> 0;
  }

  /** ASCII as its bytes; of other characters each UTF-16 unit, low byte first. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.byte(unit & 0xff);
      if (unit > 0xff) this.byte(unit >>> 8);
    }
  }

  hex(): string {
    return hex32(this.high) + hex32(this.low);
  }
}

/**
 * Hash of a list of texts, as 16 hex digits: FNV-1a of the texts joined by line feeds. Not for secrets: whoever wants
 * a collision can make one.
 */
export function fingerprint(texts: readonly string[]): string {
  const hash = new Fnv1a();
  texts.forEach((text, index) => {
    if (index > 0) hash.byte(separator);
    hash.text(text);
  });
  return hash.hex();
}

function hex32(half: number): string {
  return half.toString(16).padStart(8, '0');
}
