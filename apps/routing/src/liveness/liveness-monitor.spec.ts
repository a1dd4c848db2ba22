import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { LivenessMonitor } from './liveness-monitor.js';
import { LivenessTimes } from './liveness-times.js';

const unheard = () => () => undefined;

/** A monitor of the fastest pulse, whose ticks end one after the other as told; the last goes on for ever. */
function pulse(ends: readonly (Error | undefined)[]) {
  const seen = { ticks: 0 };
  const registry = {
    tellPosition: async () => {
      const end = ends[Math.min(seen.ticks++, ends.length - 1)];
      if (end) throw end;
    },
    sweep: async () => 0,
  };
  const nats = { connected: true, on: unheard };
  return {
    seen,
    monitor: new LivenessMonitor(
      registry,
      nats,
      { on: unheard },
      new LivenessTimes({ heartbeatMs: 1, ttlMs: 2, phiSuspect: 8 }),
    ),
  };
}

describe('LivenessMonitor', () => {
  let logged: unknown[];
  beforeEach(() => {
    logged = [];
    const ignore = () => undefined;
    Logger.overrideLogger({ log: ignore, warn: ignore, error: (message: unknown) => logged.push(message) });
  });
  afterEach(() => {
    Logger.overrideLogger(false);
  });

  const loggedOf = async (ends: readonly (Error | undefined)[]) => {
    const { seen, monitor } = pulse(ends);
    monitor.onModuleInit();
    await eventually('a few ticks', () => seen.ticks > ends.length + 1);
    await monitor.onApplicationShutdown();
    return logged;
  };

  it('logs a bug once until it is over, and goes on', async () => {
    const [first, second] = [new TypeError('first'), new TypeError('second')];
    expect(await loggedOf([first, first, undefined, second])).toEqual([first, second]);
  });

  it('logs no outage', async () => {
    expect(await loggedOf([new NexusError('unavailable', 'Redis does not answer')])).toEqual([]);
  });
});
