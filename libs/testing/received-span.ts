import { z } from 'zod';

export type ReceivedKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type ReceivedStatus = 'unset' | 'ok' | 'error';
export type AttributeValue = string | number | boolean | readonly AttributeValue[] | null;

/** A span as a collector sees it. */
export interface ReceivedSpan {
  /** `service.name` of the process that made it. */
  readonly service: string;
  /** `service.instance.id`; empty when it was not sent. */
  readonly instanceId: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent on the root of a trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: ReceivedKind;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly status: ReceivedStatus;
  readonly statusMessage: string | undefined;
  /** What it is linked to. */
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startedAtNs: bigint;
  readonly endedAtNs: bigint;
}

const kinds: readonly ReceivedKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
const statuses: readonly ReceivedStatus[] = ['unset', 'ok', 'error'];

const keyValue = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()).optional() });
const nanoseconds = z.union([z.string(), z.number()]).transform(BigInt);

const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(keyValue).default([]) }).optional(),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.int().default(0),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes: z.array(keyValue).default([]),
              links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
              status: z.object({ code: z.int().default(0), message: z.string().optional() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** The spans in the body of an OTLP/JSON export; what no test looks at is left out. Throws a ZodError on another body. */
export function parseTraces(body: unknown): ReceivedSpan[] {
  return tracesSchema.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = plain(resource?.attributes ?? []);
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        service: String(about['service.name'] ?? ''),
        instanceId: String(about['service.instance.id'] ?? ''),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: kinds[span.kind] ?? 'unspecified',
        attributes: plain(span.attributes),
        status: statuses[span.status?.code ?? 0] ?? 'unset',
        statusMessage: span.status?.message,
        links: span.links,
        startedAtNs: span.startTimeUnixNano,
        endedAtNs: span.endTimeUnixNano,
      }));
  });
}

const plain = (attributes: readonly z.infer<typeof keyValue>[]): Record<string, AttributeValue> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value ?? {})]));

const arraySchema = z.object({ values: z.array(z.record(z.string(), z.unknown())).default([]) });

/** OTLP writes a value as an object with one member that names its type. */
function plainValue(value: Readonly<Record<string, unknown>>): AttributeValue {
  const [type, inner] = Object.entries(value)[0] ?? [];
  switch (type) {
    case 'stringValue':
      return String(inner);
    case 'boolValue':
      return inner === true;
    case 'intValue':
    case 'doubleValue':
      return Number(inner);
    case 'arrayValue':
      return arraySchema.parse(inner).values.map(plainValue);
    default:
      return null;
  }
}
