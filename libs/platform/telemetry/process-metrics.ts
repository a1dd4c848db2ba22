import { performance } from 'node:perf_hooks';
import { type Metric } from './metric.js';

const secondsPerMicrosecond = 1e-6;
const secondsPerMillisecond = 1e-3;

/** How the process does, by the names of OpenTelemetry's semantic conventions. */
export function processMetrics(): readonly Metric[] {
  const { user, system } = process.cpuUsage();
  const { active, idle } = performance.eventLoopUtilization();
  const { rss } = process.memoryUsage();
  return [
    {
      ...{ name: 'process.cpu.time', kind: 'counter', unit: 's' },
      description: 'Processor time that the process used.',
      points: [
        { labels: { 'cpu.mode': 'user' }, value: user * secondsPerMicrosecond },
        { labels: { 'cpu.mode': 'system' }, value: system * secondsPerMicrosecond },
      ],
    },
    {
      ...{ name: 'process.memory.usage', kind: 'gauge', unit: 'By' },
      description: 'Physical memory in use.',
      points: [{ labels: {}, value: rss }],
    },
    {
      ...{ name: 'process.uptime', kind: 'gauge', unit: 's' },
      description: 'For how long the process has run.',
      points: [{ labels: {}, value: process.uptime() }],
    },
    {
      ...{ name: 'nodejs.eventloop.time', kind: 'counter', unit: 's' },
      description: 'Time that the event loop was busy, and that it waited.',
      points: [
        { labels: { 'nodejs.eventloop.state': 'active' }, value: active * secondsPerMillisecond },
        { labels: { 'nodejs.eventloop.state': 'idle' }, value: idle * secondsPerMillisecond },
      ],
    },
  ];
}
