import { type NatsConnection } from '@nats-io/transport-node';
import { nextTelling, type Telling } from './unit.js';

/** Where a crew says that all its agents have a message; outside of what is measured but for this one publish. */
const subjectOf = (prefix: string) => `${prefix}.bench.told`;

/** In a crew: counts who has been told, and says so when all have. */
export function tellWhenAll(nats: NatsConnection, prefix: string): (telling: Telling) => void {
  const heard = new Map<number, number>();
  return ({ round, agents }) => {
    const count = (heard.get(round) ?? 0) + 1;
    heard.set(round, count);
    if (count < agents) return;
    heard.delete(round);
    nats.publish(subjectOf(prefix), String(round));
  };
}

/** In a client: sends a telling, and waits until all agents have it. */
export function untilAllAreTold(
  nats: NatsConnection,
  prefix: string,
  send: (telling: Telling) => unknown,
): (agents: number) => Promise<void> {
  const waiting = new Map<number, () => void>();
  nats.subscribe(subjectOf(prefix), {
    callback: (_, message) => {
      const round = Number(message.string());
      waiting.get(round)?.();
      waiting.delete(round);
    },
  });
  return async (agents) => {
    const telling = nextTelling(agents);
    const told = new Promise<void>((resolve) => waiting.set(telling.round, resolve));
    await Promise.all([send(telling), told]);
  };
}
