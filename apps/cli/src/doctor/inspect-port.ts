import { type DataDirHolder, portAnswers, type ServerKind, serverTraits } from '@nexus/platform/servers';
import { type Finding, ok, warn } from './finding.js';
import { holderOf } from './port-holder.js';

/** Whether the usual port of a server is free, or who holds it. */
export async function inspectPort(kind: ServerKind, stack: DataDirHolder | undefined): Promise<Finding> {
  const { defaultPort: port, binary, urlVariable } = serverTraits[kind];
  if (!(await portAnswers(port))) return ok('free');
  const url = kind === 'nats' ? stack?.natsUrl : stack?.redisUrl;
  if (url?.endsWith(`:${port}`)) return ok(`held by the running stack (process ${stack?.pid ?? '?'})`);
  const holder = (await holderOf(port)) ?? 'another process';
  return warn(`taken by ${holder}`, `${binary} of nexus up takes another port; ${urlVariable} uses this one`);
}
