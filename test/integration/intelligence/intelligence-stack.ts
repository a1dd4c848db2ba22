import {
  choicesOf,
  type Endpoint,
  endpoints,
  type IntelligenceSnapshot,
  type ModelsReply,
  type Outcome,
  type OutcomeReport,
  type WorkSample,
} from '@nexus/contracts';
import { bootService, type BootedService, nameInstance, nexusVersion } from '@nexus/platform/service';
import { installTelemetry } from '@nexus/platform/telemetry';
import { eventually, SeededRandom, startTestServers, type TestServers } from '@nexus/testing';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { pino } from 'pino';
import { type z } from 'zod';
import { loadIntelligenceConfig } from '../../../apps/intelligence/src/intelligence.config.js';
import { intelligenceService } from '../../../apps/intelligence/src/intelligence.module.js';

const silent = pino({ level: 'silent' });

/** The service on real servers, and a coordinator that reports to it. */
export class IntelligenceStack {
  private sequence = 0;

  private constructor(
    readonly servers: TestServers,
    readonly connection: Connection,
    private readonly caller: Caller,
    private readonly env: Readonly<Record<string, string>>,
    private service: BootedService | undefined,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}, boots = true): Promise<IntelligenceStack> {
    installTelemetry({ service: 'test', instanceId: 'test', version: nexusVersion });
    const servers = await startTestServers({ nats: true, redis: true });
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'test' });
    const caller = new Caller(connection, new ReplyInbox(connection), 'nexus');
    const all = { ...env, NEXUS_NATS_URL: servers.natsUrl, NEXUS_REDIS_URL: servers.redisUrl };
    const stack = new IntelligenceStack(servers, connection, caller, all, undefined);
    if (!boots) return stack;
    await stack.boot();
    // The schedule begins with a training at once, of nothing.
    await eventually('the first training', async () => (await stack.eventualModels()).training.lastTrainedAt);
    return stack;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.env;
  }

  async boot(): Promise<void> {
    const config = loadIntelligenceConfig(this.env);
    const instance = nameInstance('intelligence', undefined);
    this.service = await bootService(intelligenceService, { config, instance, logger: silent });
  }

  async shut(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
  }

  async stop(): Promise<void> {
    await this.shut();
    await this.connection.close();
    await this.servers.stop();
  }

  call<Q extends z.ZodType, P extends z.ZodType>(
    endpoint: Endpoint<string, Q, P>,
    request: unknown,
    params: Record<string, string> = {},
  ): Promise<z.infer<P>> {
    const call = this.caller.call.bind(this.caller) as (...parts: unknown[]) => Promise<z.infer<P>>;
    return call(endpoint, params, request, { timeoutMs: 10_000 });
  }

  /** Reports by a new report; one of that content, when it is told again. */
  report(outcomes: readonly Outcome[], work: readonly WorkSample[] = []) {
    return this.send(this.reportOf(outcomes, work));
  }

  reportOf(outcomes: readonly Outcome[], work: readonly WorkSample[] = []): OutcomeReport {
    this.sequence++;
    const head = { coordinatorId: 'coordinator-1', life: 'life-1', sequence: this.sequence };
    return { ...head, outcomes: [...outcomes], work: [...work] } as OutcomeReport;
  }

  send(report: OutcomeReport) {
    return this.call(endpoints.intelligenceOutcomes, report);
  }

  async reportAll(outcomes: readonly Outcome[]): Promise<void> {
    for (let at = 0; at < outcomes.length; at += 64) await this.report(outcomes.slice(at, at + 64));
  }

  models(): Promise<ModelsReply> {
    return this.call(endpoints.intelligenceModels, {});
  }

  snapshot(): Promise<IntelligenceSnapshot> {
    return this.call(endpoints.intelligenceSnapshot, {});
  }

  /** As soon as Redis is there. */
  private eventualModels(): Promise<ModelsReply> {
    return eventually('models are told', () => this.models().catch(() => undefined));
  }

  /** Trains, and waits until that is done. */
  async train(): Promise<ModelsReply> {
    const before = (await this.eventualModels()).training.lastTrainedAt;
    await eventually('a training is added', () =>
      this.call(endpoints.intelligenceTrain, {}).catch(() => undefined),
    );
    return eventually('it was trained', async () => {
      const reply = await this.eventualModels();
      return reply.training.lastTrainedAt !== before && reply;
    });
  }
}

export interface Rule {
  /** The duration of a choice for so many agents, in milliseconds. */
  readonly durationMs: (choice: string, agents: number) => number;
  readonly prefix: string;
  readonly count: number;
  readonly seed: number;
}

/** Gathers, chosen by chance, whose duration follows a rule with noise. */
export function gathers({ durationMs, prefix, count, seed }: Rule): Outcome[] {
  const random = new SeededRandom(seed);
  const choices = choicesOf.gather;
  return Array.from({ length: count }, (_, at): Outcome => {
    const agents = 1 + Math.floor(random.next() * 400);
    const choice = choices[Math.floor(random.next() * choices.length)]!;
    return outcome(`${prefix}-${at}`, {
      ...{ choice, propensity: 1 / choices.length },
      durationMs: durationMs(choice, agents) * (0.9 + 0.2 * random.next()),
      features: { ...situation, agents, load: random.next() },
    });
  });
}

const situation = {
  ...{ agents: 10, diversity: 0.5, complexity: 1, deadlineS: 5 },
  ...{ latencyMs: 1, load: 0.2, active: 3, successRate: 1 },
};

export const outcome = (coordinationId: string, more: Partial<Outcome> = {}): Outcome => ({
  ...{ coordinationId, type: 'gather', status: 'complete', layer: 'intelligence', user: 'alice' },
  ...{ choice: 'performance_optimized', propensity: 1, features: situation, durationMs: 10, success: 1 },
  ...{ choosing: null, traceId: '0af7651916cd43dd8448eb211c80319c', at: '2026-01-01T00:00:00.000Z' },
  ...more,
});

export const work = (agentId: string, latencyMs: number, more: Partial<WorkSample> = {}): WorkSample =>
  ({
    ...{ agentId, node: 'node-1', latencyMs, ok: true },
    features: { latencyMs: 10, inFlight: 1, occupancy: 0.1, reportedLoad: 0.2 },
    ...more,
  }) as WorkSample;
