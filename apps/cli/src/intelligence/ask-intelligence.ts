import {
  type AnomaliesReply,
  type AnomaliesRequest,
  type DismissReply,
  type dismissRequestSchema,
  type Endpoint,
  endpoints,
  type ErrorCode,
  type ExplainReply,
  type ModelsReply,
  type modelsRequestSchema,
  NexusError,
  type PlaceReply,
  type placeRequestSchema,
  type PredictReply,
  type predictRequestSchema,
  type RollbackReply,
  type RollbackRequest,
  type TrainReply,
} from '@nexus/contracts';
import { Caller } from '@nexus/wire';
import { type z } from 'zod';
import { type Link } from '../connect/open-client.js';
import { Advised } from '../ending/next-step.js';

const timeoutMs = 3_000;

/** What to do about an error, where a command knows it better. */
type Advice = Partial<Record<ErrorCode, string>>;

const startAdvice = 'start an intelligence service, or the whole stack with nexus up';

/** Speaks to an intelligence service, as any outsider may. Each throws `Advised` when none answers. */
export class IntelligenceDoor {
  private readonly caller: Caller;

  constructor({ connection, replies, prefix }: Pick<Link, 'connection' | 'replies' | 'prefix'>) {
    this.caller = new Caller(connection, replies, prefix);
  }

  models(request: z.input<typeof modelsRequestSchema> = {}): Promise<ModelsReply> {
    return this.ask(endpoints.intelligenceModels, request);
  }

  rollback(request: RollbackRequest): Promise<RollbackReply> {
    const advice = 'nexus models shows the versions that there are';
    return this.ask(endpoints.intelligenceRollback, request, { not_found: advice, conflict: advice });
  }

  train(): Promise<TrainReply> {
    return this.ask(endpoints.intelligenceTrain, {});
  }

  predict(request: z.input<typeof predictRequestSchema>): Promise<PredictReply> {
    return this.ask(endpoints.intelligencePredict, request);
  }

  explain(coordinationId: string): Promise<ExplainReply> {
    return this.ask(
      endpoints.intelligenceExplain,
      { coordinationId },
      {
        not_found:
          'the last 10,000 coordinations are known (of very many at once a sample), each some seconds after it ended',
      },
    );
  }

  anomalies(request: AnomaliesRequest): Promise<AnomaliesReply> {
    return this.ask(endpoints.intelligenceAnomalies, request);
  }

  dismiss(request: z.input<typeof dismissRequestSchema>): Promise<DismissReply> {
    return this.ask(endpoints.intelligenceDismiss, request);
  }

  place(request: z.input<typeof placeRequestSchema>): Promise<PlaceReply> {
    return this.ask(endpoints.intelligencePlace, request, {
      not_found: 'nexus agents shows the nodes that agents say they run on',
      unavailable: 'it takes the intelligence service and routing: nexus status shows which of them answer',
    });
  }

  private async ask<Req extends z.ZodType, Rep extends z.ZodType>(
    endpoint: Endpoint<string, Req, Rep>,
    request: z.input<Req>,
    advice: Advice = {},
  ): Promise<z.infer<Rep>> {
    try {
      return await this.caller.call(endpoint, {}, request, { timeoutMs });
    } catch (thrown) {
      const error = NexusError.from(thrown);
      const known = { unavailable: startAdvice, ...advice }[error.code];
      if (known === undefined) throw error;
      throw new Advised(error, known);
    }
  }
}
