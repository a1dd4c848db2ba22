import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inSpan } from '@nexus/wire';
import { installTelemetry, type Telemetry } from './install.js';
import { createLogger, type LogLevel } from './logger.js';
import { NestPinoLogger } from './nest-logger.js';

let folder: string;
let telemetry: Telemetry;

const logTo = (level?: LogLevel) =>
  createLogger({
    service: 'routing',
    instanceId: 'r-1',
    level,
    destination: { file: join(folder, 'logs', 'routing.log') },
  });

const lines = async (): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder, 'logs', 'routing.log'), 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-log-'));
  telemetry = installTelemetry({ service: 'standalone', instanceId: 's-1', version: '0.1.0' });
});

afterEach(async () => {
  await telemetry.shutdown();
  await rm(folder, { recursive: true, force: true });
});

describe('createLogger', () => {
  it('writes the service and the trace that a line belongs to', async () => {
    const logger = logTo();
    logger.info('outside');
    const traceId = await inSpan('work', {}, (span) => {
      logger.warn({ agents: 3 }, 'inside');
      return span.spanContext().traceId;
    });
    const [outside, inside] = await lines();
    expect(outside).toMatchObject({
      level: 'info',
      service: 'nexus-routing',
      instance: 'r-1',
      msg: 'outside',
    });
    expect(outside).not.toHaveProperty('trace_id');
    expect(inside).toMatchObject({ level: 'warn', trace_id: traceId, agents: 3, msg: 'inside' });
  });

  it('leaves out what is below its level, and the values of secrets', async () => {
    const logger = logTo('warn');
    logger.info('unseen');
    logger.error({ request: { token: 'hunter2' }, password: 'hunter2' }, 'seen');
    const written = await lines();
    expect(written.map(({ msg }) => msg)).toEqual(['seen']);
    expect(JSON.stringify(written)).not.toContain('hunter2');
  });
});

describe('NestPinoLogger', () => {
  it('keeps the caller, the error and its stack as Nest passes them', async () => {
    const nest = new NestPinoLogger(logTo('trace'));
    nest.log('started', 'NestApplication');
    nest.error(new Error('broken'), 'RoutesController');
    nest.error('failed', 'Error: failed\n    at here', 'Handler');
    nest.verbose({ pattern: 'x' });
    expect(await lines()).toMatchObject([
      { level: 'info', msg: 'started', context: 'NestApplication' },
      { level: 'error', msg: 'broken', context: 'RoutesController', err: { message: 'broken' } },
      { level: 'error', msg: 'failed', context: 'Handler', details: ['Error: failed\n    at here'] },
      { level: 'trace', data: { pattern: 'x' } },
    ]);
  });
});
