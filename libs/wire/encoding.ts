import { limits, NexusError } from '@nexus/contracts';
import { Packr } from 'msgpackr';
import { assertWellFormedMessagePack } from './message-pack.js';

/** How a body is written; a reply uses the encoding of its request. */
export type Encoding = 'json' | 'msgpack';

export const contentTypeHeader = 'Content-Type';
const contentTypes: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  msgpack: 'application/msgpack',
};

/** The value of `Content-Type` for an encoding. */
export const contentTypeOf = (encoding: Encoding): string => contentTypes[encoding];

/**
 * The encoding that a `Content-Type` names; JSON when there is none.
 * @throws NexusError `invalid_argument` for a type that Nexus does not speak
 */
export function encodingOf(contentType: string | undefined): Encoding {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === contentTypes.json) return 'json';
  if (type === contentTypes.msgpack || type === 'application/x-msgpack') return 'msgpack';
  throw new NexusError(
    'invalid_argument',
    'Content-Type: application/json or application/msgpack is understood',
  );
}

// Records would need state shared with the peer; plain maps are what every other implementation writes.
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** Writes a value of the JSON data model. */
export function encodeBody(value: unknown, encoding: Encoding = 'json'): Uint8Array {
  return encoding === 'json' ? Buffer.from(JSON.stringify(value)) : packr.pack(value);
}

/** A body that was written already, in the encoding of whoever gets it. */
export class WrittenBody {
  constructor(readonly bytes: Uint8Array) {}
}

export interface DecodeLimits {
  readonly bytesMax: number;
  readonly depthMax: number;
}

/** Depth of a body that carries another one inside: a payload in a message, an answer in a reply. */
export const forwardedDepthMax = limits.depthMax + 8;

const requestLimits: DecodeLimits = { bytesMax: limits.requestBytesMax, depthMax: limits.depthMax };

/**
 * The one guard that every body from outside passes, requests and replies alike: size, encoding, depth, finite
 * numbers, and an object at the top. What it returns holds null, booleans, finite numbers, strings, arrays and plain
 * objects, and nothing else.
 * @throws NexusError `payload_too_large` or `invalid_argument`
 */
export function decodeBody(
  bytes: Uint8Array,
  encoding: Encoding = 'json',
  bounds: DecodeLimits = requestLimits,
): Record<string, unknown> {
  if (bytes.length > bounds.bytesMax) {
    throw new NexusError(
      'payload_too_large',
      `the body has ${bytes.length} bytes; at most ${bounds.bytesMax} are accepted`,
    );
  }
  const value = encoding === 'json' ? decodeJson(bytes) : decodeMessagePack(bytes, bounds.depthMax);
  const flaw = encoding === 'json' ? flawOfJson(value, bounds.depthMax) : flawOf(value, bounds.depthMax);
  if (flaw !== undefined) throw new NexusError('invalid_argument', flaw);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NexusError('invalid_argument', 'the body must be an object');
  }
  return value as Record<string, unknown>;
}

/** Refuses what is no UTF-8, and keeps a byte order mark, which is no JSON either. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeJson(bytes: Uint8Array): unknown {
  // An empty body stands for an empty object, so that `nats req nexus.agents.list ''` works.
  if (bytes.length === 0) return {};
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new NexusError('invalid_argument', 'the body is not UTF-8', { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NexusError('invalid_argument', 'the body is not JSON', { cause });
  }
}

function decodeMessagePack(bytes: Uint8Array, depthMax: number): unknown {
  if (bytes.length === 0) return {};
  assertWellFormedMessagePack(bytes, depthMax);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw new NexusError('invalid_argument', 'the body is not MessagePack', { cause });
  }
}

/**
 * Whether the guard lets a value of the JSON data model through as a field of a body: for what came by another way than
 * in a body, and is to travel in one.
 */
export function fitsField(value: unknown, depthMax: number = limits.depthMax): boolean {
  return flawOf({ value }, depthMax) === undefined;
}

const notFinite = 'a number is not finite';
const tooDeep = (depthMax: number) => `the body is nested deeper than ${depthMax} levels`;

/**
 * What can be wrong with a value that `JSON.parse` made: too many levels, and numbers like 1e999. All else is plain by
 * its making. It recurses no deeper than the bound, and takes a third of the time of the walk that looks at everything.
 */
function flawOfJson(value: unknown, levelsLeft: number, depthMax = levelsLeft): string | undefined {
  if (levelsLeft < 0) return tooDeep(depthMax);
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : notFinite;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      if (typeof item === 'string') continue;
      const flaw = flawOfJson(item, levelsLeft - 1, depthMax);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  const record = value as Readonly<Record<string, unknown>>;
  // Own names alone: what JSON makes inherits nothing that is enumerable.
  for (const name in record) {
    const item = record[name];
    if (typeof item === 'string') continue;
    const flaw = flawOfJson(item, levelsLeft - 1, depthMax);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/**
 * Whether the guard of whoever reads it lets a value through that is about to be written in JSON, whatever its size: it is
 * for what a program made itself, and quick.
 */
export const passesAsJson = (value: unknown, depthMax: number): boolean =>
  flawOfJson(value, depthMax) === undefined;

/** Walks without recursion, so that no input can exhaust the stack. */
function flawOf(root: unknown, depthMax: number): string | undefined {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) return tooDeep(depthMax);
    const below: unknown[] = [];
    for (const value of level) {
      const flaw = flawOfOne(value);
      if (flaw !== undefined) return flaw;
      pushChildren(value, below);
    }
    level = below;
  }
  return undefined;
}

function flawOfOne(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : notFinite;
  if (typeof value === 'object' && isPlain(value)) return undefined;
  return 'the body has a value that JSON cannot express';
}

function pushChildren(value: unknown, into: unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
    if (typeof item !== 'string') into.push(item);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
