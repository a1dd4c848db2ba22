import { type Endpoint, type SubjectParams } from '@nexus/contracts';

/** Asks an endpoint under the client's own time-out and retries. */
export type Ask = <T extends string, E extends Endpoint<T>>(
  endpoint: E & Endpoint<T>,
  params: Readonly<Record<SubjectParams<T>, string>>,
  request: E['request']['_zod']['input'],
) => Promise<E['reply']['_zod']['output']>;
