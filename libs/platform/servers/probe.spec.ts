import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { probe, readNatsAnswer, readRedisAnswer } from './probe.js';

describe('readNatsAnswer', () => {
  const info = 'INFO {"server_name":"nexus-nats-1","jetstream":true} \r\n';

  it('knows the server by its name once it answers PING', () => {
    expect(readNatsAnswer(`${info}PONG\r\n`)).toEqual({ identity: 'nexus-nats-1' });
  });

  it('is not ready before PONG, or while INFO is torn', () => {
    expect(readNatsAnswer(info)).toBeUndefined();
    expect(readNatsAnswer('INFO {"server_na')).toBeUndefined();
  });
});

describe('readRedisAnswer', () => {
  it('knows the server by its process id once it answers PING', () => {
    const answer = '+PONG\r\n$40\r\n# Server\r\nredis_version:7.0.15\r\nprocess_id:42\r\n\r\n';
    expect(readRedisAnswer(answer)).toEqual({ identity: '42' });
  });

  it('is not ready while Redis reads its file', () => {
    const loading = '-LOADING Redis is loading the dataset in memory\r\n';
    expect(readRedisAnswer(loading + loading)).toBeUndefined();
  });
});

describe('probe', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  const listen = async (greeting: string) => {
    const listener = createServer((socket) => socket.on('error', () => undefined).write(greeting));
    server = listener;
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return (listener.address() as AddressInfo).port;
  };

  it.each([
    ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['announces itself in broken JSON', 'INFO {"server_name":}\r\nPONG\r\n'],
    ['floods', 'x'.repeat(70_000)],
  ])('finds nothing ready when what listens %s', async (_, greeting) => {
    expect(await probe('nats', await listen(greeting), 200)).toBeUndefined();
  });

  it('finds nothing ready when nobody listens', async () => {
    const port = await listen('');
    await new Promise((resolve) => server?.close(resolve));
    expect(await probe('redis', port, 1_000)).toBeUndefined();
  });
});
