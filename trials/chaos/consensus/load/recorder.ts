import { type Operation, type RegisterAnswer, type RegisterCall } from '@nexus/testing';

export type RegisterOperation = Operation<RegisterCall, RegisterAnswer>;

/** A write that was acknowledged, with where the log has it. */
export interface Acknowledged {
  readonly call: RegisterCall;
  readonly value: string;
  readonly version: number;
  readonly index: number;
  readonly term: number;
  readonly invokedAtMs: number;
  readonly returnedAtMs: number;
}

/** All that the clients saw. */
export class Recorder {
  readonly operations: RegisterOperation[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Answers that were errors, by their code. */
  readonly errors = new Map<string, number>();

  operation(operation: RegisterOperation): void {
    this.operations.push(operation);
  }

  acknowledge(acknowledged: Acknowledged): void {
    this.acknowledged.push(acknowledged);
  }

  error(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  get unknown(): number {
    return this.operations.filter(({ outcome }) => outcome === null).length;
  }

  /** Every key that somebody wrote, or may have. */
  get keys(): string[] {
    const writes = this.operations.filter(({ call }) => call.kind !== 'read');
    return [...new Set(writes.map(({ call }) => call.key))];
  }
}
