/*
 * What a command says, in one number, so that a request id can be told from the same id over something else. It is the
 * same whatever order the fields were written in, and whether a field is absent or undefined; and it is no secret and
 * no proof: who wants two commands to look alike may find them, and deceives only its own request id.
 */
import { type Command, type ExpireCommand } from './command.js';
import { depthMax } from './value-size.js';

/** Two lanes of 32 bits with multipliers of their own, so that they do not collide together (after cyrb53). */
interface Lanes {
  high: number;
  low: number;
}

const seeds: Readonly<Lanes> = { high: 0x41c6ce57, low: -0x21524111 };
const highFactor = 0x5f356495;
const lowFactor = -0x61c8864f;

/** Told apart from all that a string or a number begins with. */
const marks = { null: 1, true: 2, false: 3, number: 4, string: 5, list: 6, fields: 7, deep: 8, other: 9 };

const double = new DataView(new ArrayBuffer(8));

/** 53 bits, which a number and JSON hold exactly. */
export function commandDigest(command: Command | ExpireCommand): number {
  const lanes = { ...seeds };
  addValue(lanes, command, 0);
  settle(lanes);
  return (lanes.high >>> 11) * 0x1_0000_0000 + (lanes.low >>> 0);
}

function addValue(lanes: Lanes, value: unknown, depth: number): void {
  if (typeof value === 'string') addText(lanes, value);
  else if (typeof value === 'number') addNumber(lanes, value);
  else if (typeof value === 'boolean') add(lanes, value ? marks.true : marks.false);
  else if (value === null || value === undefined) add(lanes, marks.null);
  else if (typeof value !== 'object') add(lanes, marks.other);
  else if (depth > depthMax) add(lanes, marks.deep);
  else if (Array.isArray(value)) {
    add(lanes, marks.list);
    add(lanes, value.length);
    for (const item of value) addValue(lanes, item, depth + 1);
  } else addFields(lanes, value as Readonly<Record<string, unknown>>, depth);
}

/** Each field by itself, and their sum: so that the order does not matter, without sorting them. */
function addFields(lanes: Lanes, fields: Readonly<Record<string, unknown>>, depth: number): void {
  const sum = { high: 0, low: 0 };
  const field = { high: 0, low: 0 };
  for (const name in fields) {
    const value = fields[name];
    if (value === undefined) continue;
    field.high = seeds.high;
    field.low = seeds.low;
    addText(field, name);
    addValue(field, value, depth + 1);
    settle(field);
    sum.high = (sum.high + field.high) | 0;
    sum.low = (sum.low + field.low) | 0;
  }
  add(lanes, marks.fields);
  lanes.high = Math.imul(lanes.high ^ sum.high, highFactor);
  lanes.low = Math.imul(lanes.low ^ sum.low, lowFactor);
  settle(lanes);
}

function addText(lanes: Lanes, text: string): void {
  let high = Math.imul(lanes.high ^ marks.string, highFactor);
  let low = Math.imul(lanes.low ^ text.length, lowFactor);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, highFactor);
    low = Math.imul(low ^ unit, lowFactor);
  }
  lanes.high = high;
  lanes.low = low;
}

function addNumber(lanes: Lanes, value: number): void {
  add(lanes, marks.number);
  // JSON knows no negative zero, and what is no number has many forms.
  double.setFloat64(0, value === 0 || Number.isNaN(value) ? 0 : value, true);
  add(lanes, double.getInt32(0, true));
  add(lanes, double.getInt32(4, true));
}

function add(lanes: Lanes, word: number): void {
  lanes.high = Math.imul(lanes.high ^ word, highFactor);
  lanes.low = Math.imul(lanes.low ^ word, lowFactor);
  // A product carries upwards only: without it a word's high bits would never reach the low ones.
  lanes.high ^= lanes.high >>> 15;
  lanes.low ^= lanes.low >>> 13;
}

/** Lets every bit depend on every other, of both lanes. */
function settle(lanes: Lanes): void {
  let { high, low } = lanes;
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  lanes.high = high | 0;
  lanes.low = low | 0;
}
