import { setTimeout as pause } from 'node:timers/promises';
import { type RegisterCall, SeededRandom } from '@nexus/testing';
import { type Caller } from '@nexus/wire';
import { type Recorder } from './recorder.js';
import { RegisterClient } from './register-client.js';

export interface LoadOptions {
  readonly caller: Caller;
  readonly recorder: Recorder;
  readonly clients: number;
  readonly seed: number;
  /** Between an answer and the next question of a client, in milliseconds, at most. */
  readonly thinkMsMax: number;
}

const registers = 5;
const timeoutMs = 3_000;
/** A decision is taken by about so many clients at once. */
const perDecision = 4;

/**
 * Clients that put, compare and set, decide and read, each one call after the other. Registers are changed for fresh ones
 * from time to time: a history that is judged grows with its length and with what is unknown in it.
 */
export class Load {
  private readonly lanes: Promise<void>[];
  private stopping = false;
  private era = 0;
  private decisions = 0;
  private values = 0;

  private constructor(private readonly options: LoadOptions) {
    this.lanes = Array.from({ length: options.clients }, (_, index) => this.lane(index));
  }

  static start(options: LoadOptions): Load {
    return new Load(options);
  }

  /** Goes on with registers that nobody used yet. */
  nextEra(): void {
    this.era += 1;
  }

  /** Resolves when the last answer is in. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.lanes);
  }

  private async lane(index: number): Promise<void> {
    const { caller, recorder, seed, thinkMsMax } = this.options;
    const client = new RegisterClient(`client-${index + 1}`, caller, recorder);
    const random = new SeededRandom(seed * 1_000 + index);
    const versions = new Map<string, number>();
    while (!this.stopping) {
      const call = this.choose(random, versions);
      const answer =
        call.kind === 'read'
          ? await client.read(call, { timeoutMs })
          : await client.write(call, { timeoutMs, repeat: random.chance(0.5) });
      if (answer && answer.kind !== 'conflict') versions.set(call.key, answer.version);
      else versions.delete(call.key);
      await pause(random.between(0, thinkMsMax));
    }
  }

  private choose(random: SeededRandom, versions: ReadonlyMap<string, number>): RegisterCall {
    const kind = random.next();
    if (kind < 0.1) return this.decision();
    const key = `era-${this.era}.register-${Math.floor(random.between(0, registers))}`;
    if (kind < 0.5) return { kind: 'read', key };
    this.values += 1;
    const expectedVersion = versions.get(key);
    const condition = kind < 0.75 && expectedVersion !== undefined ? { expectedVersion } : {};
    return { kind: 'put', key, value: `value-${this.values}`, ...condition };
  }

  private decision(): RegisterCall {
    this.decisions += 1;
    const key = `decision.${Math.floor(this.decisions / perDecision)}`;
    return { kind: 'decide', key, value: `choice-${this.decisions}` };
  }
}
