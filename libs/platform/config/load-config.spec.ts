import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { describeConfig } from './describe-config.js';
import { integerField, textField, urlField } from './field-builders.js';
import { loadConfig } from './load-config.js';
import { redactUrl } from './redact.js';
import { redisFields, serviceFields } from './service-fields.js';

const fields = { ...serviceFields, ...redisFields };
const load = (env: Record<string, string>) => loadConfig({ service: 'routing', fields, env });

function faultOf(work: () => unknown): NexusError {
  try {
    work();
  } catch (error) {
    if (error instanceof NexusError) return error;
    throw error;
  }
  throw new Error('no fault was reported');
}

describe('loadConfig', () => {
  it('takes every default when the environment is empty', () => {
    expect(load({})).toEqual({
      natsServers: ['nats://127.0.0.1:4222'],
      natsUser: undefined,
      natsPassword: undefined,
      natsConnections: 'pooled',
      prefix: 'nexus',
      nodeId: undefined,
      logLevel: 'info',
      drainTimeoutMs: 10_000,
      requestBytesMax: 262_144,
      healthPort: undefined,
      healthHost: '0.0.0.0',
      gossipRoundMs: 1_000,
      gossipRoundBytesMax: 131_072,
      gossipPhiSuspect: 8,
      gossipSuspicionRounds: 6,
      otlpEndpoint: undefined,
      traceRatio: 1,
      redisUrl: 'redis://127.0.0.1:6379',
    });
  });

  it('reads what is set, and takes an empty value as absent', () => {
    const config = load({
      NEXUS_NATS_URL: 'nats://a:4222, nats://b:4222/',
      NEXUS_NODE_ID: 'routing-1',
      NEXUS_DRAIN_TIMEOUT_MS: ' 250 ',
      NEXUS_HEALTH_PORT: '',
      NEXUS_TRACE_RATIO: '0.25',
      NEXUS_LOG_LEVEL: '  ',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318/',
    });
    expect(config).toMatchObject({
      natsServers: ['nats://a:4222', 'nats://b:4222'],
      nodeId: 'routing-1',
      drainTimeoutMs: 250,
      requestBytesMax: 262_144,
      healthPort: undefined,
      traceRatio: 0.25,
      logLevel: 'info',
      otlpEndpoint: 'http://jaeger:4318',
    });
  });

  it('reports all faults together, each with its meaning and default', () => {
    const fault = faultOf(() =>
      load({
        NEXUS_NATS_URL: 'localhost:4222',
        NEXUS_DRAIN_TIMEOUT_MS: '10s',
        NEXUS_LOG_LEVEL: 'loud',
        NEXUS_TRACE_RATIO: '2',
        NEXUS_NODE_ID: 'a.b',
        NEXUS_HEALTH_PORT: '70000',
      }),
    );
    expect(fault.code).toBe('invalid_argument');
    expect(fault.message).toContain('the configuration of routing has 6 faults');
    expect(fault.message).toContain(
      '  NEXUS_DRAIN_TIMEOUT_MS: must be a whole number (ms) from 0 to 600000, not "10s". ' +
        'How long work in flight may take to end after SIGTERM. Default: 10000.',
    );
    expect(fault.details.map(({ path }) => path)).toEqual([
      'NEXUS_NATS_URL',
      'NEXUS_NODE_ID',
      'NEXUS_LOG_LEVEL',
      'NEXUS_DRAIN_TIMEOUT_MS',
      'NEXUS_HEALTH_PORT',
      'NEXUS_TRACE_RATIO',
    ]);
  });

  it.each(['1e3', '0x10', '1.5', '-1', 'NaN', 'Infinity', '99999999999999999999', '1 2'])(
    'refuses %s as a whole number',
    (text) => {
      const fault = faultOf(() =>
        loadConfig({
          service: 'x',
          fields: { count: integerField('N', { means: 'It counts.' }) },
          env: { N: text },
        }),
      );
      expect(fault.details).toHaveLength(1);
    },
  );

  it.each(['.', '1.2.3', '-0.1', '1e-1'])('refuses %s as a share', (text) => {
    expect(faultOf(() => load({ NEXUS_TRACE_RATIO: text })).details).toHaveLength(1);
  });

  it('never shows a secret or a control character in a fault', () => {
    const secret = textField('S', { means: 'It is secret.', secret: true });
    const url = urlField('U', { means: 'It is a URL.', schemes: ['redis:'] });
    const fault = faultOf(() =>
      loadConfig({
        service: 'x',
        fields: { secret, url },
        env: { S: 'hunter2\u0007', U: 'http://me:hunter2@host\u001b[31m' },
      }),
    );
    expect(fault.message).not.toContain('hunter2');
    expect(fault.message.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('is frozen to its depth', () => {
    const config = load({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.natsServers)).toBe(true);
  });
});

describe('describeConfig', () => {
  const config = load({
    NEXUS_NATS_USER: 'svc',
    NEXUS_NATS_PASSWORD: 'hunter2',
    NEXUS_REDIS_URL: 'redis://:hunter2@redis:6379/0',
    NEXUS_NATS_URL: 'nats://u:hunter2@a:4222,nats://b:4222',
  });

  it('prints every value, and no secret', () => {
    const descriptions = describeConfig(fields, config);
    expect(JSON.stringify(descriptions)).not.toContain('hunter2');
    const shown = new Map(descriptions.map(({ variable, value }) => [variable, value]));
    expect(shown.get('NEXUS_NATS_USER')).toBe('svc');
    expect(shown.get('NEXUS_NATS_PASSWORD')).toBe('***');
    expect(shown.get('NEXUS_REDIS_URL')).toBe('redis://***@redis:6379/0');
    expect(shown.get('NEXUS_NATS_URL')).toBe('nats://***@a:4222,nats://b:4222');
    expect(shown.has('NEXUS_HEALTH_PORT') && shown.get('NEXUS_HEALTH_PORT')).toBeUndefined();
  });

  it('explains each field with its unit, default and trade', () => {
    const description = describeConfig(serviceFields).find(
      ({ variable }) => variable === 'NEXUS_DRAIN_TIMEOUT_MS',
    );
    expect(description).toEqual({
      variable: 'NEXUS_DRAIN_TIMEOUT_MS',
      default: '10000',
      unit: 'ms',
      means: 'How long work in flight may take to end after SIGTERM.',
      trades: 'Longer loses less work; the supervisor must wait longer before it kills.',
    });
  });
});

describe('redactUrl', () => {
  it.each([
    ['redis://host:6379', 'redis://host:6379'],
    ['redis://me@host', 'redis://***@host'],
    ['redis://:p/a?s#s@host', 'redis://***@host'],
    ['nats://u:p,w@a,nats://u:x@b', 'nats://***@a,nats://***@b'],
  ])('redacts %s', (url, shown) => expect(redactUrl(url)).toBe(shown));
});
