import { type NexusError } from '@nexus/contracts';

/** Refused for what it is: other keys may fare better. A fence that is refused concerns all. */
export const concernsOneKey = ({ code, details }: NexusError): boolean =>
  code === 'payload_too_large' ||
  code === 'invalid_argument' ||
  code === 'overloaded' ||
  (code === 'conflict' && !details.some(({ path }) => path === 'command.fence'));

export const isOtherVersion = ({ code, details }: NexusError): boolean =>
  code === 'conflict' && details.some(({ path }) => path === 'command.expectedVersion');
