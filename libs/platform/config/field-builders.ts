import { idPattern, type NodeId, nodeIdSchema } from '@nexus/contracts';
import { type Field, type FieldDoc, type FieldEntry, makeField } from './field.js';

interface WithDefault<T> {
  readonly default: T;
}

export interface IntegerDoc extends FieldDoc {
  /** `ms`, `bytes`, `agents` …; a plain count without. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
}

/** A whole number between `min` (0 unless told) and `max`. */
export function integerField(variable: string, doc: IntegerDoc & WithDefault<number>): Field<number>;
export function integerField(variable: string, doc: IntegerDoc): Field<number | undefined>;
export function integerField(
  variable: string,
  doc: IntegerDoc & Partial<WithDefault<number>>,
): Field<number | undefined> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, unit, default: fallback } = doc;
  const upTo = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
  const mustBe = `a whole number${unit ? ` (${unit})` : ''} ${upTo}`;
  return makeField<number | undefined>({
    entry: entry(variable, doc, fallback, unit),
    absent: fallback,
    read: (text) => {
      const value = Number(text);
      return /^-?\d+$/.test(text) && value >= min && value <= max ? { value } : { mustBe };
    },
  });
}

/** A whole number from 1 to `max`, or `auto`. */
export function countOrAutoField(
  variable: string,
  doc: FieldDoc & WithDefault<number> & { readonly max: number },
): Field<number | 'auto'> {
  const mustBe = `auto, or a whole number from 1 to ${doc.max}`;
  return makeField<number | 'auto'>({
    entry: entry(variable, doc, doc.default, `auto | 1 to ${doc.max}`),
    absent: doc.default,
    read: (text) => {
      if (text === 'auto') return { value: text };
      const value = Number(text);
      return /^\d+$/.test(text) && value >= 1 && value <= doc.max ? { value } : { mustBe };
    },
  });
}

/** A number from 0 to 1. */
export function ratioField(variable: string, doc: FieldDoc & WithDefault<number>): Field<number> {
  return makeField<number>({
    entry: entry(variable, doc, doc.default, 'share, 0 to 1'),
    absent: doc.default,
    read: (text) => {
      const value = Number(text);
      return /^[\d.]+$/.test(text) && value >= 0 && value <= 1
        ? { value }
        : { mustBe: 'a number from 0 to 1' };
    },
  });
}

/** One of a few words. */
export function choiceField<const C extends string>(
  variable: string,
  choices: readonly C[],
  doc: FieldDoc & WithDefault<NoInfer<C>>,
): Field<C> {
  const mustBe = `one of ${choices.join(', ')}`;
  return makeField<C>({
    entry: entry(variable, doc, doc.default, choices.join(' | ')),
    absent: doc.default,
    read: (text) => {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { mustBe } : { value };
    },
  });
}

export interface TextDoc extends FieldDoc {
  readonly charsMax?: number;
}

/** Text without control characters, as a name, a path or a password. */
export function textField(variable: string, doc: TextDoc & WithDefault<string>): Field<string>;
export function textField(variable: string, doc: TextDoc): Field<string | undefined>;
export function textField(
  variable: string,
  doc: TextDoc & Partial<WithDefault<string>>,
): Field<string | undefined> {
  const { charsMax = 1_024 } = doc;
  return makeField<string | undefined>({
    entry: entry(variable, doc, doc.default),
    absent: doc.default,
    read: (text) =>
      text.length <= charsMax && !/\p{Cc}/u.test(text)
        ? { value: text }
        : { mustBe: `at most ${charsMax} characters, none of them a control character` },
  });
}

const idForm = 'an id: 1 to 64 of A-Z a-z 0-9 _ -';

/** One token that is safe in subjects and Redis keys. */
export function tokenField(variable: string, doc: FieldDoc & WithDefault<string>): Field<string> {
  return makeField<string>({
    entry: entry(variable, doc, doc.default),
    absent: doc.default,
    read: (text) => (idPattern.test(text) ? { value: text } : { mustBe: idForm }),
  });
}

/** The id of a node; who composes the service chooses one when it is absent. */
export function nodeIdField(variable: string, doc: FieldDoc): Field<NodeId | undefined> {
  return makeField<NodeId | undefined>({
    entry: entry(variable, doc),
    absent: undefined,
    read: (text) => {
      const id = nodeIdSchema.safeParse(text);
      return id.success ? { value: id.data } : { mustBe: idForm };
    },
  });
}

export interface UrlDoc extends FieldDoc {
  /** Schemes with their colon, as `nats:`. */
  readonly schemes: readonly string[];
}

/** A URL with one of the schemes; kept as written, save for slashes at its end. */
export function urlField(variable: string, doc: UrlDoc & WithDefault<string>): Field<string>;
export function urlField(variable: string, doc: UrlDoc): Field<string | undefined>;
export function urlField(
  variable: string,
  doc: UrlDoc & Partial<WithDefault<string>>,
): Field<string | undefined> {
  return makeField<string | undefined>({
    entry: entry(variable, doc, doc.default, 'URL'),
    absent: doc.default,
    read: (text) =>
      isUrl(text, doc.schemes)
        ? { value: text.replace(/\/+$/, '') }
        : { mustBe: `a URL that starts with ${starts(doc.schemes)}` },
  });
}

const urlsMax = 32;

/** One or more URLs divided by commas, as the servers of one cluster. */
export function urlsField(variable: string, doc: UrlDoc & WithDefault<string>): Field<readonly string[]> {
  return makeField<readonly string[]>({
    entry: entry(variable, doc, doc.default, 'URLs divided by commas'),
    absent: [doc.default],
    read: (text) => {
      const urls = text.split(',').map((url) => url.trim().replace(/\/+$/, ''));
      return urls.length <= urlsMax && urls.every((url) => isUrl(url, doc.schemes))
        ? { value: urls }
        : {
            mustBe: `a URL that starts with ${starts(doc.schemes)}, or several divided by commas (at most ${urlsMax})`,
          };
    },
  });
}

const starts = (schemes: readonly string[]) => schemes.map((scheme) => `${scheme}//`).join(' or ');

function isUrl(text: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return schemes.includes(url.protocol) && url.hostname !== '';
}

function entry(
  variable: string,
  { means, trades, secret }: FieldDoc,
  fallback?: string | number | boolean,
  unit?: string,
): FieldEntry {
  return {
    variable,
    means,
    ...(trades !== undefined && { trades }),
    ...(secret !== undefined && { secret }),
    ...(unit !== undefined && { unit }),
    ...(fallback !== undefined && { fallback: String(fallback) }),
  };
}
