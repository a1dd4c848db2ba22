import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { type RedisConnection } from '@nexus/platform/redis';
import { type Connection } from '@nexus/wire';
import { type RouteRegistry } from '../changes/route-registry.js';
import { batchMax } from '../store/route-store.js';
import { JudgingPause } from './judging-pause.js';
import { type LivenessTimes } from './liveness-times.js';

/** Batches judged in one tick at most; the rest is due in the next. */
const batchesMax = 50;

/**
 * The replica's pulse: tells where the table stands, and judges agents that were silent for too long, unless the
 * silence may have been our own.
 */
export class LivenessMonitor implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('LivenessMonitor');
  private readonly pause: JudgingPause;
  private readonly unlisten: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  private ticking: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Whether the last tick failed by more than an outage. */
  private broken = false;

  constructor(
    private readonly registry: Pick<RouteRegistry, 'tellPosition' | 'sweep'>,
    private readonly nats: Pick<Connection, 'on' | 'connected'>,
    private readonly redis: Pick<RedisConnection, 'on'>,
    private readonly times: LivenessTimes,
  ) {
    this.pause = new JudgingPause(times.ttlMs, performance.now());
  }

  onModuleInit(): void {
    const trouble = () => this.pause.begin(performance.now());
    this.unlisten.push(this.nats.on(trouble), this.redis.on(trouble));
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const stop of this.unlisten.splice(0)) stop();
    await this.ticking;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.dueAt = performance.now() + this.times.tickMs;
    this.timer = setTimeout(() => {
      this.ticking = this.tick().finally(() => this.schedule());
    }, this.times.tickMs);
  }

  private async tick(): Promise<void> {
    // A tick that is late by a whole one tells that this process stood still, and heard nobody meanwhile.
    if (performance.now() - this.dueAt > this.times.tickMs) this.pause.begin(performance.now());
    try {
      await this.registry.tellPosition();
      if (this.nats.connected && this.pause.over(performance.now())) await this.judge();
      this.broken = false;
    } catch (error) {
      // Whatever it is, heartbeats may have got lost.
      this.pause.begin(performance.now());
      this.report(error);
    }
  }

  /** Of an outage everybody who asks us is told; a bug would stop all judging unseen. Logged once, until it is over. */
  private report(error: unknown): void {
    if (NexusError.from(error).code === 'unavailable') return;
    if (!this.broken) this.logger.error(error);
    this.broken = true;
  }

  private async judge(): Promise<void> {
    for (let batch = 0; batch < batchesMax; batch += 1) {
      if ((await this.registry.sweep()) < batchMax) return;
    }
  }
}
