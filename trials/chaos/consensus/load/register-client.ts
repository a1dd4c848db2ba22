import { randomUUID } from 'node:crypto';
import {
  type CommandInput,
  endpoints,
  type ErrorCode,
  keyReadingSchema,
  NexusError,
  type ProposeReply,
} from '@nexus/contracts';
import { type RegisterAnswer, type RegisterCall } from '@nexus/testing';
import { type Caller } from '@nexus/wire';
import { type Recorder } from './recorder.js';

export type ReadCall = Extract<RegisterCall, { kind: 'read' }>;
export type WriteCall = Exclude<RegisterCall, ReadCall>;

export interface AskOptions {
  /** Asks this replica alone; else whoever is found. */
  readonly replicaId?: string;
  /** How long the service may try, in milliseconds. */
  readonly timeoutMs: number;
  /** Asks once more, under the same request id, when the outcome is unknown. */
  readonly repeat?: boolean;
  /** Told of each answer, and of each error by its code. */
  readonly hear?: (code?: ErrorCode) => void;
}

/** The service gives up first, so that its answer is heard. */
const hearMs = 500;

/** What a request can fail with and certainly have come to nothing. */
const withoutEffect: ReadonlySet<ErrorCode> = new Set([
  'not_leader',
  'unavailable',
  'overloaded',
  'invalid_argument',
  'not_found',
  'payload_too_large',
]);

/** What became of a request. */
type Asked =
  | { readonly kind: 'done'; readonly reply: ProposeReply }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' };

/** Asks the decision log, and writes down what it was told and when. */
export class RegisterClient {
  constructor(
    readonly name: string,
    private readonly caller: Caller,
    private readonly recorder: Recorder,
  ) {}

  /** The answer; undefined when it is unknown or nothing was done. */
  async write(call: WriteCall, options: AskOptions): Promise<RegisterAnswer | undefined> {
    const { recorder } = this;
    const invokedAtMs = performance.now();
    const asked = await this.propose(call, options);
    const returnedAtMs = performance.now();
    if (asked.kind === 'nothing') return undefined;
    if (asked.kind === 'unknown') {
      recorder.operation({ client: this.name, call, invokedAtMs, outcome: null });
      return undefined;
    }
    const answer = answerOf(call, asked);
    recorder.operation({ client: this.name, call, invokedAtMs, outcome: { returnedAtMs, answer } });
    if (asked.kind === 'done') {
      const { index, term, version } = asked.reply;
      const value = answer.kind === 'value' ? (answer.value ?? '') : writtenBy(call);
      recorder.acknowledge({ call, value, version, index, term, invokedAtMs, returnedAtMs });
    }
    return answer;
  }

  /** Reads linearizably; undefined when there was no answer. */
  async read(
    call: ReadCall,
    { replicaId, timeoutMs, hear }: AskOptions,
  ): Promise<RegisterAnswer | undefined> {
    const invokedAtMs = performance.now();
    const body = { key: call.key };
    const wait = { timeoutMs: timeoutMs + hearMs };
    try {
      const reply =
        replicaId === undefined
          ? await this.caller.call(endpoints.consensusRead, {}, body, wait)
          : await this.caller.call(endpoints.consensusReplicaRead, { replicaId }, body, wait);
      hear?.();
      const { value, version } = keyReadingSchema.parse(reply);
      const answer: RegisterAnswer = { kind: 'value', value: value as string | null, version };
      const outcome = { returnedAtMs: performance.now(), answer };
      this.recorder.operation({ client: this.name, call, invokedAtMs, outcome });
      return answer;
    } catch (error) {
      const { code } = NexusError.from(error);
      hear?.(code);
      this.recorder.error(code);
      return undefined;
    }
  }

  /** Twice at most. Once an attempt may have had an effect, no later refusal can say that there was none. */
  private async propose(call: WriteCall, options: AskOptions): Promise<Asked> {
    const requestId = randomUUID();
    const first = await this.attempt(call, requestId, options);
    if (first.kind !== 'unknown' || !options.repeat) return first;
    const second = await this.attempt(call, requestId, options);
    return second.kind === 'nothing' ? first : second;
  }

  private async attempt(
    call: WriteCall,
    requestId: string,
    { replicaId, timeoutMs, hear }: AskOptions,
  ): Promise<Asked> {
    const body = { requestId, command: commandOf(call), timeoutMs };
    const wait = { timeoutMs: timeoutMs + hearMs };
    try {
      const reply =
        replicaId === undefined
          ? await this.caller.call(endpoints.consensusPropose, {}, body, wait)
          : await this.caller.call(endpoints.consensusReplicaPropose, { replicaId }, body, wait);
      hear?.();
      return { kind: 'done', reply };
    } catch (error) {
      const { code } = NexusError.from(error);
      hear?.(code);
      if (code === 'conflict') return { kind: 'conflict' };
      this.recorder.error(code);
      return { kind: withoutEffect.has(code) ? 'nothing' : 'unknown' };
    }
  }
}

const commandOf = ({ kind, ...fields }: WriteCall): CommandInput =>
  ({ type: kind, ...fields }) as CommandInput;

const writtenBy = (call: WriteCall): string => (call.kind === 'delete' ? '' : call.value);

function answerOf(call: WriteCall, asked: Extract<Asked, { kind: 'done' | 'conflict' }>): RegisterAnswer {
  if (asked.kind === 'conflict') return { kind: 'conflict' };
  const { version, value } = asked.reply;
  if (call.kind === 'decide') return { kind: 'value', value: value as string | null, version };
  return { kind: 'written', version };
}
