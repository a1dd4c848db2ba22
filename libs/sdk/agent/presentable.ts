import { NexusError } from '@nexus/contracts';

/**
 * What of a thrown value the caller may see: the code and message of a `NexusError`, the message of another. Never throws:
 * others are told the same message, and must not go without it for what one handler throws.
 */
export function presentable(thrown: unknown): NexusError {
  if (thrown instanceof NexusError) return thrown;
  return new NexusError('internal', messageOf(thrown), { cause: thrown });
}

function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'the handler threw what has no text';
  }
}
