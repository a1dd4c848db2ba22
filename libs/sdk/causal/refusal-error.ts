import { NexusError } from '@nexus/contracts';
import { type ReceiverRefusal } from '@nexus/core/causality';

/** What whoever waits for an answer is told of a message that was not taken in. */
export function refusalError(reason: Exclude<ReceiverRefusal, 'duplicate'>): NexusError {
  switch (reason) {
    case 'before_start':
      return new NexusError('conflict', 'it was sent before the agent began to listen');
    case 'no_room':
      return new NexusError('overloaded', 'too many messages wait for others that are missing');
    case 'too_far_ahead':
      return new NexusError('conflict', 'its sequence is too far ahead of what was delivered');
    case 'too_many_senders':
      return new NexusError('overloaded', 'too many senders are known on its channel');
    case 'other_channel':
      return new NexusError('invalid_argument', 'the agent does not belong to its channel');
    case 'malformed':
      return new NexusError('invalid_argument', 'its stamp contradicts itself');
  }
}
