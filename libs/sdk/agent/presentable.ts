import { NexusError } from '@nexus/contracts';

/** What of a thrown value the caller may see: the code and message of a `NexusError`, the message of another. */
export function presentable(thrown: unknown): NexusError {
  if (thrown instanceof NexusError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new NexusError('internal', message, { cause: thrown });
}
