import { z } from 'zod';

/** What a person needs to know to set a variable. */
export interface FieldDoc {
  /** What it decides, in one sentence. */
  readonly means: string;
  /** What is gained and lost by a higher or lower value. */
  readonly trades?: string;
  /** Its value is shown to nobody. */
  readonly secret?: boolean;
}

/** A documented field as it stands in the registry. */
export interface FieldEntry extends FieldDoc {
  readonly variable: string;
  readonly unit?: string;
  /** The default as one would write it into the environment; absent when the field may stay unset. */
  readonly fallback?: string;
}

/** Reads one environment variable; the value is checked, converted and documented in one place. */
export type Field<T> = z.ZodType<T, string | undefined>;

const entries = z.registry<FieldEntry>();

/** The documentation of a field that one of the builders made. */
export function entryOf(field: z.ZodType): FieldEntry {
  const entry = entries.get(field);
  if (!entry) throw new TypeError('a config field must be made by one of the field builders');
  return entry;
}

/** What a reader returns for a text that it cannot accept: the rule that the text breaks. */
export interface Refusal {
  readonly mustBe: string;
}

interface FieldParts<T> {
  readonly entry: FieldEntry;
  readonly read: (text: string) => { readonly value: T } | Refusal;
  /** The value of an absent variable. */
  readonly absent: T;
}

/** Composes a field. The empty string counts as absent, since Compose files and shells cannot unset a variable. */
export function makeField<T>({ entry, read, absent }: FieldParts<T>): Field<T> {
  return z
    .string()
    .optional()
    .transform((raw, issues): T => {
      const text = raw?.trim() ?? '';
      if (text === '') return absent;
      const outcome = read(text);
      if ('value' in outcome) return outcome.value;
      issues.addIssue({ code: 'custom', message: `must be ${outcome.mustBe}` });
      return z.NEVER;
    })
    .describe(entry.means)
    .register(entries, entry);
}
