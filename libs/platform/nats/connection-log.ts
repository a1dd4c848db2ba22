import { type LoggerService } from '@nestjs/common';
import { type Connection } from '@nexus/wire';

/** Slow consumers come in bursts, and the first line says it all; how many there were is in `$SRV.STATS`. */
const burstMs = 10_000;

/** Logs what becomes of a connection; a burst of slow consumers once. */
export function logConnection(connection: Connection, logger: LoggerService, called: string): void {
  let lastSlowAtMs = Number.NEGATIVE_INFINITY;
  connection.on((event, detail) => {
    if (event === 'closed') return;
    if (event === 'slow_consumer') {
      const nowMs = performance.now();
      const goesOn = nowMs - lastSlowAtMs < burstMs;
      lastSlowAtMs = nowMs;
      if (goesOn) return;
    }
    if (event === 'fault') logger.error(`NATS ${called}: a listener threw: ${detail}`, 'Connection');
    else logger.warn(`NATS ${called}: ${event} ${detail}`, 'Connection');
  });
}
