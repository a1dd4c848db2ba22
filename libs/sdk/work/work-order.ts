import { limits, NexusError, type WorkResult } from '@nexus/contracts';
import { passesAsJson } from '@nexus/wire';
import { type AgentSelector } from '../client/client-options.js';
import { type WorkDone, type WorkOptions } from './work-options.js';

export interface WorkOrderParts {
  readonly selector: AgentSelector;
  readonly payload: unknown;
  readonly options: WorkOptions;
  readonly resolve: (done: WorkDone) => void;
  readonly reject: (error: NexusError) => void;
}

/** Levels that a request of `load_balance` has around the payload of a unit: request, goal, list, unit. */
const levelsAround = 4;

/** One unit of work on its way, whichever that is: settled once, by whoever is first. */
export class WorkOrder {
  readonly deadlineAtMs: number;
  /** How long whoever has it may take, in milliseconds. */
  timeoutMs: number;
  /** Whoever has it now; told when nobody wants it any more. */
  holder: { abandoned(order: WorkOrder): void } | undefined;
  private written: string | undefined;
  private deafen: (() => void) | undefined;
  private settled = false;

  /** @param onSettled told once, before the caller is */
  constructor(
    readonly parts: WorkOrderParts,
    nowMs: number,
    private readonly onSettled: (order: WorkOrder) => void,
  ) {
    const { timeoutMs = limits.timeoutMsDefault, signal } = parts.options;
    this.timeoutMs = timeoutMs;
    this.deadlineAtMs = nowMs + timeoutMs;
    if (signal) this.listenTo(signal);
  }

  get isSettled(): boolean {
    return this.settled;
  }

  /** Whether its payload passes the guard of whoever reads it, but for its size. */
  get passes(): boolean {
    return passesAsJson(this.parts.payload, limits.depthMax - levelsAround);
  }

  /**
   * The payload in JSON, written once.
   * @throws NexusError `invalid_argument` for what JSON cannot express at all
   */
  get text(): string {
    return (this.written ??= textOf(this.parts.payload));
  }

  /** What the payload takes in JSON, in bytes. */
  get textBytes(): number {
    return Buffer.byteLength(this.text);
  }

  done(done: WorkDone): void {
    if (this.settle()) this.parts.resolve(done);
  }

  fail(error: NexusError): void {
    if (this.settle()) this.parts.reject(error);
  }

  /** Goes to somebody else, who has what is left of its time. */
  passOn(nowMs: number): void {
    this.holder = undefined;
    this.timeoutMs = Math.max(1, Math.floor(this.deadlineAtMs - nowMs));
  }

  /** Nobody wants it any more. */
  abandon(error: NexusError): void {
    const { holder } = this;
    this.fail(error);
    holder?.abandoned(this);
  }

  /** As `abandon`, for the reason that a signal was aborted with. */
  abandonFor({ reason }: { readonly reason: unknown }): void {
    this.abandon(
      reason instanceof NexusError
        ? reason
        : new NexusError('deadline_exceeded', 'the caller stopped waiting', { cause: reason }),
    );
  }

  private listenTo(signal: AbortSignal): void {
    const onAbort = () => this.abandonFor(signal);
    signal.addEventListener('abort', onAbort, { once: true });
    this.deafen = () => signal.removeEventListener('abort', onAbort);
  }

  private settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    this.deafen?.();
    this.onSettled(this);
    return true;
  }
}

/** What the caller is told of work that failed. */
export const failureOf = ({ code, message, retryAfterMs }: NonNullable<WorkResult['error']>): NexusError =>
  new NexusError(code, message, { retryAfterMs });

function textOf(payload: unknown): string {
  try {
    // Of what JSON has no word for, as of nothing, it says undefined.
    const text: unknown = JSON.stringify(payload);
    return typeof text === 'string' ? text : 'null';
  } catch (cause) {
    throw new NexusError('invalid_argument', 'payload: JSON cannot express it', { cause });
  }
}
