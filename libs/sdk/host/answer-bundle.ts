import { limits } from '@nexus/contracts';
import { type Encoding } from '@nexus/wire';
import { type Part } from '../agent/answer-part.js';

/** Answers of several agents on their way into one body. */
export interface Bundle {
  readonly size: number;
  /** Whether there is room for one more; for the first there is, if it fits a body at all. */
  fits(part: Part): boolean;
  add(part: Part): void;
  /** The body for all that was added, which is forgotten then. */
  take(): Uint8Array;
}

/** The most that UTF-8 makes of one character of a string, in bytes. */
const bytesPerCharMax = 3;

/** @param bytesMax what one message carries */
export function newBundle(encoding: Encoding, hostId: string, bytesMax: number): Bundle {
  return encoding === 'json' ? new JsonBundle(hostId, bytesMax) : new PackBundle(hostId, bytesMax);
}

/**
 * JSON is put together from text. How many bytes it takes is not reckoned for each part: while even the longest form of
 * all its characters fits, it fits.
 */
class JsonBundle implements Bundle {
  private readonly head: string;
  private readonly roomBytes: number;
  private parts: string[] = [];
  private chars = 0;

  constructor(hostId: string, bytesMax: number) {
    this.head = `{"hostId":"${hostId}","answers":[`;
    this.roomBytes = bytesMax - this.head.length - 2;
  }

  get size(): number {
    return this.parts.length;
  }

  fits(part: string): boolean {
    if (this.parts.length >= limits.hostAnswersMax) return false;
    if ((this.chars + part.length) * bytesPerCharMax <= this.roomBytes) return true;
    return this.parts.length === 0 && Buffer.byteLength(part) <= this.roomBytes;
  }

  add(part: string): void {
    this.parts.push(part);
    this.chars += part.length + 1;
  }

  take(): Uint8Array {
    const body = Buffer.from(`${this.head}${this.parts.join(',')}]}`);
    this.parts = [];
    this.chars = 0;
    return body;
  }
}

/** MessagePack is put together from the bytes of its values. Source: the specification, "Formats". */
class PackBundle implements Bundle {
  private readonly head: Uint8Array;
  private readonly roomBytes: number;
  private parts: Uint8Array[] = [];
  private bytes = 0;

  constructor(hostId: string, bytesMax: number) {
    this.head = Buffer.concat([Uint8Array.of(mapOfTwo), text('hostId'), text(hostId), text('answers')]);
    this.roomBytes = bytesMax - this.head.length - arrayHeadBytes;
  }

  get size(): number {
    return this.parts.length;
  }

  fits(part: Uint8Array): boolean {
    return this.parts.length < limits.hostAnswersMax && this.bytes + part.length <= this.roomBytes;
  }

  add(part: Uint8Array): void {
    this.parts.push(part);
    this.bytes += part.length;
  }

  take(): Uint8Array {
    const body = Buffer.concat([this.head, arrayHead(this.parts.length), ...this.parts]);
    this.parts = [];
    this.bytes = 0;
    return body;
  }
}

const mapOfTwo = 0x82;
const shortText = 0xd9;
const array16 = 0xdc;
const arrayHeadBytes = 3;

/** An id, or a name of a field: at most 64 characters of ASCII. */
const text = (value: string) => Buffer.concat([Uint8Array.of(shortText, value.length), Buffer.from(value)]);

const arrayHead = (length: number) => Uint8Array.of(array16, length >> 8, length & 0xff);
