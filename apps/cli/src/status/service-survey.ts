import { limits } from '@nexus/contracts';
import { decodeBody } from '@nexus/wire';
import { z } from 'zod';
import { type Link } from '../connect/open-client.js';

const count = z.number().nonnegative();

const statsSchema = z.object({
  name: z.string(),
  id: z.string(),
  version: z.string(),
  started: z.iso.datetime({ offset: true }),
  data: z.object({ drops: z.record(z.string(), count).default({}) }).optional(),
  endpoints: z
    .array(z.object({ subject: z.string(), num_requests: count, num_errors: count, processing_time: count }))
    .nullish(),
});

/** One running service of Nexus. */
export interface ServiceFigures {
  /** As `nexus-routing`. */
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly startedAt: string;
  readonly requests: number;
  readonly errors: number;
  /** Over all requests; null before the first. */
  readonly averageMs: number | null;
  /** What it dropped without an answer, by reason. */
  readonly drops: Readonly<Record<string, number>>;
}

export interface SurveyOptions {
  /** Ends the survey once nothing came for so long after the first answer. */
  readonly silenceMs?: number;
  /** Ends the survey in any case. */
  readonly totalMs?: number;
}

const servicesMax = 10_000;

/** Asks every service that speaks NATS' service protocol (ADR-32) for its figures, and keeps those of this Nexus. */
export async function surveyServices(
  { connection, replies, prefix }: Pick<Link, 'connection' | 'replies' | 'prefix'>,
  { silenceMs = 300, totalMs = 1_500 }: SurveyOptions = {},
): Promise<ServiceFigures[]> {
  const services = new Map<string, ServiceFigures>();
  await new Promise<void>((resolve, reject) => {
    let silence: NodeJS.Timeout | undefined;
    const conversation = replies.open((_slot, message) => {
      // The broker knows that nobody listens.
      if (message === null) {
        end();
        return;
      }
      const figures = readFigures(message.data, prefix);
      if (figures && services.size < servicesMax) services.set(figures.id, figures);
      clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
    });
    const end = (error?: unknown) => {
      clearTimeout(silence);
      clearTimeout(total);
      conversation.close();
      if (error instanceof Error) reject(error);
      else resolve();
    };
    const total = setTimeout(end, totalMs);
    try {
      connection.publish('$SRV.STATS', new Uint8Array(), { reply: conversation.replySubject(0) });
    } catch (error) {
      end(error);
    }
  });
  return [...services.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

/** Undefined for what is malformed or no service of this fleet: several may share a broker, each under its prefix. */
export function readFigures(body: Uint8Array, prefix: string): ServiceFigures | undefined {
  const stats = readStats(body);
  if (!stats?.name.startsWith('nexus-')) return undefined;
  const { name, id, version, started, data } = stats;
  const endpoints = stats.endpoints ?? [];
  if (!endpoints.some(({ subject }) => subject.startsWith(`${prefix}.`))) return undefined;
  const total = { requests: 0, errors: 0, ns: 0 };
  for (const endpoint of endpoints) {
    total.requests += endpoint.num_requests;
    total.errors += endpoint.num_errors;
    total.ns += endpoint.processing_time;
  }
  return {
    name,
    id,
    version,
    startedAt: started,
    requests: total.requests,
    errors: total.errors,
    averageMs: total.requests === 0 ? null : total.ns / total.requests / 1e6,
    drops: data?.drops ?? {},
  };
}

function readStats(body: Uint8Array) {
  try {
    return statsSchema.safeParse(
      decodeBody(body, 'json', { bytesMax: limits.requestBytesMax * 4, depthMax: 32 }),
    ).data;
  } catch {
    return undefined;
  }
}
