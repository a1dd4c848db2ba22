import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OtlpReceiver } from '@nexus/testing';
import { inSpan } from '@nexus/wire';
import { Redis } from 'ioredis';
import { installTelemetry } from './install.js';
import { instrumentRedis, shownCommand } from './redis-spans.js';

describe('shownCommand', () => {
  it.each([
    ['get', ['nexus:agent:a1'], 'get nexus:agent:a1'],
    ['HSET', ['nexus:agent:a1', 'token', 'hunter2'], 'hset nexus:agent:a1'],
    ['set', [Buffer.from('key'), 'hunter2'], 'set key'],
    ['evalsha', ['f00d', 2, 'k1', 'k2', 'hunter2'], 'evalsha k1'],
    ['eval', ['return "hunter2"', '0', 'hunter2'], 'eval'],
    ['auth', ['hunter2'], 'auth'],
    ['auth', ['me', 'hunter2'], 'auth'],
    ['hello', ['3', 'AUTH', 'me', 'hunter2'], 'hello'],
    ['config', ['SET', 'requirepass', 'hunter2'], 'config'],
    ['ping', [], 'ping'],
    ['get', ['k'.repeat(1_000)], `get ${'k'.repeat(256)}`],
  ])('shows %s %j as its name and key', (name, args, shown) => {
    expect(shownCommand(name, args)).toBe(shown);
  });
});

/** Speaks just enough of the Redis protocol to let commands succeed: `OK` to each. */
const yesServer = () =>
  createServer((socket) => {
    socket.on('data', (bytes) => {
      const commands = bytes.toString().match(/^\*\d+\r$/gm)?.length ?? 0;
      socket.write('+OK\r\n'.repeat(commands));
    });
  });

describe('instrumentRedis', () => {
  let server: Server;
  let receiver: OtlpReceiver;

  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
    server = yesServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    server.close();
    await receiver.close();
  });

  it('shows a command below the work that sent it, without its value, and none without such work', async () => {
    instrumentRedis();
    instrumentRedis();
    const telemetry = installTelemetry({
      service: 'routing',
      instanceId: 'r-1',
      version: '0.1.0',
      endpoint: receiver.endpoint,
    });
    const redis = new Redis((server.address() as AddressInfo).port, '127.0.0.1', { enableReadyCheck: false });
    await redis.set('background', 'hunter2');
    const traceId = await inSpan('register', {}, async (span) => {
      await redis.set('nexus:agent:a1', 'hunter2');
      return span.spanContext().traceId;
    });
    redis.disconnect();
    await telemetry.shutdown();
    const spans = await receiver.waitForTrace(traceId, (received) => received.length === 2);
    expect(receiver.renderTree(traceId)).toBe(
      'nexus-routing: register [internal]\n  nexus-routing: set [client]',
    );
    expect(spans.find(({ name }) => name === 'set')?.attributes).toMatchObject({
      'db.system.name': 'redis',
      'db.query.text': 'set nexus:agent:a1',
    });
    expect(receiver.spans()).toHaveLength(2);
  });
});
