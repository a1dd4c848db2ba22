import { type ErrorDetail, NexusError } from '@nexus/contracts';
import type { z } from 'zod';
import { entryOf, type FieldEntry } from './field.js';
import { redactUrl } from './redact.js';

/** The fields of a service by the name under which its code knows them. */
export type Fields = Readonly<Record<string, z.ZodType<unknown, string | undefined>>>;

/** What the fields read as; frozen. */
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: z.output<F[K]> };

/** The variables of a process, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadConfigOptions<F extends Fields> {
  /** Named in the error. */
  readonly service: string;
  readonly fields: F;
  readonly env: Environment;
}

/**
 * Reads the configuration of a service from the environment, before anything of it starts.
 * @throws NexusError `invalid_argument` that names every fault at once, a line each, with meaning and default
 */
export function loadConfig<F extends Fields>({ service, fields, env }: LoadConfigOptions<F>): ConfigOf<F> {
  const values: Record<string, unknown> = {};
  const faults: ErrorDetail[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const entry = entryOf(field);
    const raw = env[entry.variable];
    const parsed = field.safeParse(raw);
    if (parsed.success) values[name] = deepFreeze(parsed.data);
    else {
      const message = parsed.error.issues.map((issue) => issue.message).join('; ');
      faults.push({ path: entry.variable, message: explain(entry, raw ?? '', message) });
    }
  }
  if (faults.length > 0) {
    const lines = faults.map(({ path, message }) => `  ${path}: ${message}`);
    throw new NexusError(
      'invalid_argument',
      `the configuration of ${service} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
      { details: faults },
    );
  }
  return Object.freeze(values) as ConfigOf<F>;
}

const shownCharsMax = 80;

function explain({ means, secret, fallback }: FieldEntry, raw: string, fault: string): string {
  const given = secret ? '' : `, not "${printable(redactUrl(raw)).slice(0, shownCharsMax)}"`;
  return `${fault}${given}. ${means} ${fallback === undefined ? 'May stay unset.' : `Default: ${fallback}.`}`;
}

const printable = (text: string) => text.replace(/\p{Cc}/gu, '?');

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
