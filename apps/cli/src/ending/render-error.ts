import { NexusError } from '@nexus/contracts';
import { type Colours, printable } from '@nexus/platform/terminal';
import { CommanderError } from 'commander';
import { jsonLine, type Output } from '../session/output.js';
import { Advised, nextStep } from './next-step.js';

export interface Fault {
  readonly error: NexusError;
  /** What to do next. */
  readonly advice: string;
}

/** Whatever was thrown, as an error with advice. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Advised) return { error: thrown.error, advice: thrown.advice };
  const error = thrown instanceof CommanderError ? usageError(thrown) : namedError(thrown);
  return { error, advice: nextStep(error) };
}

/** Also an unexpected error is told by its own words: on one's own machine there is nothing to hide. */
function namedError(thrown: unknown): NexusError {
  if (thrown instanceof NexusError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new NexusError('internal', message, { cause: thrown });
}

function usageError({ message }: CommanderError): NexusError {
  return new NexusError('invalid_argument', message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
}

/** Says what went wrong, to people or to programs. */
export function tellFault(output: Output, fault: Fault, { json }: { readonly json: boolean }): void {
  const { error, advice } = fault;
  output.note(json ? jsonLine({ ...error.toBody(), advice }) : renderError(fault, output.notePaint));
}

/** One line for the error, its details below, and what to do next. */
export function renderError({ error, advice }: Fault, paint: Colours): string {
  const [first = '', ...rest] = error.message.split('\n');
  const said = new Set([error.message]);
  const details = error.details
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .filter((detail) => !saidAlready(detail, said));
  return [
    `${paint.red(`error ${error.code}:`)} ${printable(first)}`,
    ...[...rest, ...details.map((detail) => `  ${detail}`)].map(printable),
    paint.dim(`→ ${printable(advice)}`),
  ].join('\n');
}

/** The message of a schema's fault quotes its first detail. */
function saidAlready(detail: string, said: Set<string>): boolean {
  if ([...said].some((text) => text.includes(detail))) return true;
  said.add(detail);
  return false;
}
