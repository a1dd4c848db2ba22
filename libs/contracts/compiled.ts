import { z } from 'zod';

/** A process that uses a schema less than this often would wait longer for its code than it saves. */
const usesBeforeMaking = 64;

const madeOf = new WeakMap<z.ZodType, z.ZodType>();
const usesOf = new WeakMap<z.ZodType, number>();

/**
 * The same schema as code of its own, which takes a tenth of the time for what is valid; what is not goes to the
 * interpreter, for the same words. Making it takes up to 30 ms: it is made when the schema is used often, and until then
 * the schema itself serves. To be asked for at each use.
 */
export function compiled<S extends z.ZodType>(schema: S): S {
  const made = madeOf.get(schema);
  if (made !== undefined) return made as S;
  const uses = (usesOf.get(schema) ?? 0) + 1;
  usesOf.set(schema, uses);
  return uses < usesBeforeMaking ? schema : compiledAtOnce(schema);
}

/** The same for who has the time now: a service that starts, and not when the first request has come. */
export function compiledAtOnce<S extends z.ZodType>(schema: S): S {
  const known = madeOf.get(schema);
  if (known !== undefined) return known as S;
  const made = z.compile(schema);
  madeOf.set(schema, made);
  return made;
}
