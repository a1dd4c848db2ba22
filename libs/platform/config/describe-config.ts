import { entryOf } from './field.js';
import { type ConfigOf, type Fields } from './load-config.js';
import { redacted, redactUrl } from './redact.js';

/** One field for people and programs; nothing in it is secret. */
export interface FieldDescription {
  readonly variable: string;
  /** The value in force; absent when the field is unset. */
  readonly value?: string;
  readonly default?: string;
  readonly unit?: string;
  readonly means: string;
  readonly trades?: string;
}

/** Every field with its meaning, and with its value in force when a configuration is given; secrets are redacted. */
export function describeConfig<F extends Fields>(fields: F, config?: ConfigOf<F>): FieldDescription[] {
  return Object.entries(fields).map(([name, field]) => {
    const { variable, means, trades, unit, fallback, secret } = entryOf(field);
    const value = config === undefined ? undefined : shown(config[name]);
    return {
      variable,
      ...(value !== undefined && { value: secret ? redacted : redactUrl(value) }),
      ...(fallback !== undefined && { default: fallback }),
      ...(unit !== undefined && { unit }),
      means,
      ...(trades !== undefined && { trades }),
    };
  });
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value);
}
