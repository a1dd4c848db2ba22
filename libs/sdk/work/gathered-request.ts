import { randomUUID } from 'node:crypto';
import {
  type CoordinatePart,
  coordinatePartSchema,
  compiled,
  loadBalanceResultSchema,
  NexusError,
  type WorkResult,
} from '@nexus/contracts';
import { type RawReply } from '@nexus/wire';
import { type RetryBudget } from '../client/retry-budget.js';
import { retrying, type RetryPolicy } from '../client/retrying.js';
import { failureOf, type WorkOrder } from './work-order.js';

/** How a request leaves, and comes back. */
export interface GatheredRequestLine {
  /** Sends a request that is written already; hands over partial replies, and returns the last one. */
  readonly send: (
    body: Uint8Array,
    timeoutMs: number,
    onPart: (body: Record<string, unknown>) => void,
  ) => Promise<RawReply>;
  readonly policy: RetryPolicy;
  readonly budget: RetryBudget;
  /** Waited beyond the time-out of the work for its result to travel, in milliseconds. */
  readonly graceMs: number;
}

/** What the units of one request have in common. */
export interface GatheredTerms {
  /** The selector, in JSON. */
  readonly agents: string;
  /** Fields of the goal beside its units and its time-out, in JSON, each with a comma behind it. */
  readonly goal: string;
  readonly timeoutMs: number;
}

/** Units of work that travel to a coordinator in one request, each of them settled as its result comes. */
export class GatheredRequest {
  readonly orders: WorkOrder[] = [];
  private readonly units: string[] = [];
  private unitsBytes = 0;
  private settled = 0;

  constructor(
    readonly terms: GatheredTerms,
    private readonly line: GatheredRequestLine,
  ) {}

  /** What its units take as they are written, in bytes. */
  get bytes(): number {
    return this.unitsBytes;
  }

  /** @param unit all of it but its id, in JSON, without the braces */
  add(order: WorkOrder, unit: string): void {
    const written = `{"id":"${this.orders.length}",${unit}}`;
    this.orders.push(order);
    this.units.push(written);
    this.unitsBytes += Buffer.byteLength(written) + 1;
  }

  /** Sends it, again where it was not accepted; when this resolves, all units are settled. */
  async run(): Promise<void> {
    try {
      this.finish(await this.ask());
    } catch (thrown) {
      this.failRest(NexusError.from(thrown));
    }
  }

  private ask(): Promise<RawReply> {
    const { policy, budget, graceMs } = this.line;
    const { timeoutMs } = this.terms;
    // Without repeats there is nothing to tell apart, and an id costs the coordinator two trips to its store.
    const requestId = policy.retriesMax > 0 ? randomUUID() : undefined;
    let accepted = false;
    const attempt = {
      accepted: () => accepted,
      run: (leftMs: number) => {
        // A repeat that had the whole budget again would outlive the caller.
        const goalMs = Math.min(timeoutMs, Math.max(1, Math.floor(leftMs - graceMs)));
        return this.line.send(this.written(goalMs, requestId), leftMs, (body) => {
          accepted = true;
          this.read(body);
        });
      },
    };
    const deadlineMs = performance.now() + timeoutMs + graceMs;
    return retrying(policy, attempt, { budget, deadlineMs, graceMs });
  }

  private written(timeoutMs: number, requestId: string | undefined): Uint8Array {
    const { agents, goal } = this.terms;
    const named = requestId === undefined ? '' : `"requestId":"${requestId}",`;
    // One alone has nothing to wait for: a part and an end would be two messages for one.
    const streamed = this.orders.length > 1 ? ',"stream":true' : '';
    return Buffer.from(
      `{${named}"agents":${agents},"goal":{"type":"load_balance",${goal}"timeoutMs":${timeoutMs},` +
        `"requests":[${this.units.join(',')}]}${streamed}}`,
    );
  }

  private read(body: unknown): void {
    const parsed = compiled(coordinatePartSchema).safeParse(body);
    if (!parsed.success) throw malformed('a part of the reply', parsed.error);
    this.take(parsed.data.part.results);
  }

  private finish({ body }: RawReply): void {
    // The end of a stream says again what its parts have said.
    if (this.settled === this.orders.length) return;
    const parsed = compiled(loadBalanceResultSchema).safeParse(body['result']);
    if (!parsed.success) throw malformed('the reply', parsed.error);
    this.take(parsed.data.results);
    this.failRest(new NexusError('internal', 'the reply has no result for the work'));
  }

  private take(results: CoordinatePart['part']['results'] = []): void {
    for (const result of results) {
      const order = this.orders[Number(result.requestId)];
      if (order === undefined || order.isSettled) continue;
      this.settled += 1;
      settle(order, result);
    }
  }

  private failRest(error: NexusError): void {
    for (const order of this.orders) order.fail(error);
  }
}

function settle(order: WorkOrder, { ok, agentId, data, attempts, error }: WorkResult): void {
  if (ok) order.done({ agentId, data, attempts, via: 'coordinator' });
  else order.fail(failureOf(error ?? { code: 'internal', message: 'the work failed' }));
}

const malformed = (what: string, cause: unknown) =>
  new NexusError('internal', `${what} is malformed`, { cause });
