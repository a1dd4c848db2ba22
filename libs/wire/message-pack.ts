import { NexusError } from '@nexus/contracts';

const malformed = (why: string) => new NexusError('invalid_argument', `the body is not MessagePack: ${why}`);

/**
 * Reads the structure of a MessagePack value without building it. Decoders allocate what a length announces, so five
 * bytes can claim gigabytes; here every announced length must fit the bytes that are there.
 * Source: the MessagePack specification, "Formats".
 * @throws NexusError `invalid_argument` when lengths, depth or trailing bytes do not add up
 */
export function assertWellFormedMessagePack(bytes: Uint8Array, depthMax: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  // Values still to be read at each open level; the root level holds one.
  const open: number[] = [1];
  while (open.length > 0) {
    const level = open.length - 1;
    if (open[level] === 0) {
      open.pop();
      continue;
    }
    open[level]! -= 1;
    const { next, children } = readHeader(view, at);
    if (next > bytes.length || children > bytes.length - next) throw malformed('a length exceeds the body');
    at = next;
    if (children > 0) {
      if (open.length > depthMax) {
        throw new NexusError('invalid_argument', `the body is nested deeper than ${depthMax} levels`);
      }
      open.push(children);
    }
  }
  if (at !== bytes.length) throw malformed('bytes follow the value');
}

interface Header {
  /** Offset behind the value, or behind the header of an array or map. */
  next: number;
  /** Values that an array or map holds; a map counts keys and values. */
  children: number;
}

/** Bytes behind the first one for the formats of fixed size: 0xc0–0xc3 nil and booleans, 0xca–0xd3 numbers. */
const fixedBytes: Readonly<Record<number, number>> = {
  0xc0: 0,
  0xc2: 0,
  0xc3: 0,
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
};

function readHeader(view: DataView, at: number): Header {
  if (at >= view.byteLength) throw malformed('it ends early');
  const type = view.getUint8(at);
  if (type <= 0x7f || type >= 0xe0) return { next: at + 1, children: 0 };
  if (type <= 0x8f) return { next: at + 1, children: 2 * (type & 0x0f) };
  if (type <= 0x9f) return { next: at + 1, children: type & 0x0f };
  if (type <= 0xbf) return { next: at + 1 + (type & 0x1f), children: 0 };
  const fixed = fixedBytes[type];
  if (fixed !== undefined) return { next: at + 1 + fixed, children: 0 };
  return readSized(view, at, type);
}

function readSized(view: DataView, at: number, type: number): Header {
  const length = (width: number) => readLength(view, at + 1, width);
  switch (type) {
    case 0xd9:
      return { next: at + 2 + length(1), children: 0 };
    case 0xda:
      return { next: at + 3 + length(2), children: 0 };
    case 0xdb:
      return { next: at + 5 + length(4), children: 0 };
    case 0xdc:
      return { next: at + 3, children: length(2) };
    case 0xdd:
      return { next: at + 5, children: length(4) };
    case 0xde:
      return { next: at + 3, children: 2 * length(2) };
    case 0xdf:
      return { next: at + 5, children: 2 * length(4) };
    default:
      // Binary and extension types: JSON has no place for them.
      throw new NexusError('invalid_argument', 'the body has a value that JSON cannot express');
  }
}

function readLength(view: DataView, at: number, width: number): number {
  if (at + width > view.byteLength) throw malformed('it ends early');
  if (width === 1) return view.getUint8(at);
  return width === 2 ? view.getUint16(at) : view.getUint32(at);
}
