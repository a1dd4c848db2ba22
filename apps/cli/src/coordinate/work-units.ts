import { type CoordinateRequestInput, NexusError } from '@nexus/contracts';
import { z } from 'zod';
import { readJson } from '../reading/json.js';

type Goal = Extract<CoordinateRequestInput['goal'], { type: 'load_balance' }>;
export type Unit = Goal['requests'][number];

// Ids and bounds are the contract's to check; here only the shape is.
const unitSchema = z.strictObject({ id: z.string(), payload: z.unknown().optional() });

/** One unit of work as `id=<json>`, or `id` alone for one without a payload. */
export function readUnit(text: string): Unit {
  const [, id = '', json] = /^([^=]+)(?:=([^]*))?$/.exec(text) ?? [];
  if (id === '') throw new NexusError('invalid_argument', `--request is written id=<json>, not ${text}`);
  return json === undefined ? { id } : { id, payload: readJson(json, `--request ${id}`) };
}

/** Units of work as one JSON array, or as a JSON object a line. */
export function readUnits(text: string): Unit[] {
  if (text.trimStart().startsWith('[')) {
    const units = z.array(z.unknown()).parse(readJson(text, '--requests'));
    return units.map((unit, index) => checked(unit, `entry ${index + 1}`));
  }
  return text
    .split('\n')
    .map((line, index) => ({ line, where: `line ${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => checked(readJson(line, `--requests, ${where}`), where));
}

function checked(value: unknown, where: string): Unit {
  const parsed = unitSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new NexusError('invalid_argument', `--requests, ${where}: write it as {"id": "…", "payload": …}`);
}
