/** Looked up once: under a test runner each look at a global costs more than the multiplication. */
const { imul } = Math;
const prime = 0x01000193;
/** Tell one shape of data from another that has the same numbers in it. */
const mark = { bytes: -1, list: -2, record: -3, end: -4, true: -5, false: -6, null: -7 };

/**
 * What happened, as one number: two runs are the same when their hashes are. Lines for people are kept only when asked
 * for, as most runs are never read.
 */
export class Trace {
  // Of 32 bits with a sign from the start: a field that was ever larger is kept as a float, and each step allocates one.
  private low = 0x811c9dc5 | 0;
  private high = 0x9e3779b9 | 0;
  private readonly kept: string[] = [];

  constructor(private readonly keepsLines = false) {}

  get lines(): readonly string[] {
    return this.kept;
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  number(value: number): void {
    this.mix(value | 0);
    // What an integer of 32 bits loses: fractions of time, and what is larger.
    const rest = value - (value | 0);
    if (rest !== 0) this.mix((rest * 0x7fffffff) | 0);
  }

  text(value: string): void {
    this.mix(value.length);
    for (let at = 0; at < value.length; at++) this.mix(value.charCodeAt(at));
  }

  /** Plain data, whole. What is undefined is as if it were not there. */
  value(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (Array.isArray(value)) this.list(value);
    else if (typeof value === 'object' && value !== null) this.record(value as Record<string, unknown>);
    else this.mix(value === true ? mark.true : value === false ? mark.false : mark.null);
  }

  /** `line` is called only when lines are kept. */
  line(atMs: number, line: () => string): void {
    if (this.keepsLines) this.kept.push(`${atMs.toFixed(2).padStart(10)} ${line()}`);
  }

  private bytes(value: Uint8Array): void {
    this.mix(mark.bytes);
    this.mix(value.length);
    for (const byte of value) this.mix(byte);
  }

  private list(values: readonly unknown[]): void {
    this.mix(mark.list);
    this.mix(values.length);
    for (const value of values) this.value(value);
  }

  private record(fields: Record<string, unknown>): void {
    this.mix(mark.record);
    for (const name in fields) {
      if (fields[name] === undefined) continue;
      this.text(name);
      this.value(fields[name]);
    }
    // The next field may be one of what holds it.
    this.mix(mark.end);
  }

  private mix(value: number): void {
    this.low = imul(this.low ^ value, prime);
    this.high = imul((this.high ^ value) + this.low, 0x85ebca6b);
    this.high ^= this.high >>> 13;
  }
}
