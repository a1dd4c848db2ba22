import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { type KeyReading, NexusClient, NexusError } from '@nexus/sdk';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { type Body, headersOf } from '../support/scripted-fleet.js';
import { ServedLog } from './served-log.js';

let servers: TestServers;
let nats: NatsConnection;
let client: NexusClient;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  nats = await connect({ servers: servers.natsUrl });
  client = await NexusClient.connect({ servers: servers.natsUrl });
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

afterAll(async () => {
  await client.close();
  await nats.close();
  await servers.stop();
});

async function servedLog(): Promise<ServedLog> {
  const served = new ServedLog(nats);
  await served.serve();
  stops.push(() => served.vanish());
  return served;
}

type Answer = (message: Msg) => void;

const done: Answer = (message) => message.respond(JSON.stringify({ index: 7, term: 2, version: 7 }));
const silence: Answer = () => undefined;
const fault =
  (code: 'unknown' | 'not_leader' | 'unavailable' | 'conflict'): Answer =>
  (message) => {
    const error = new NexusError(code, code);
    message.respond(JSON.stringify(error.toBody()), {
      headers: headersOf({ 'Nats-Service-Error-Code': String(error.status) }),
    });
  };

/** Answers proposals with these, one after the other, the last one again and again. */
async function answering(...answers: Answer[]): Promise<Body[]> {
  const requests: Body[] = [];
  const subscription = nats.subscribe('nexus.consensus.propose', {
    callback: (_error, message) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(message.json<Body>());
      answer(message);
    },
  });
  stops.push(() => subscription.unsubscribe());
  await nats.flush();
  return requests;
}

const put = { type: 'put', key: 'k', value: 1 } as const;

describe('a proposal of the client', () => {
  it('is made again under the same request id until it is answered', async () => {
    const requests = await answering(fault('not_leader'), fault('unknown'), fault('unavailable'), done);
    expect(await client.propose(put)).toEqual({ index: 7, term: 2, version: 7 });
    expect(requests.length).toBe(4);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(1);
    expect(requests[0]!['requestId']).toBeDefined();
  });

  it('is made again when the replica that took it is gone', async () => {
    const requests = await answering(silence, done);
    expect(await client.propose(put, { requestId: 'mine', timeoutMs: 20_000 })).toMatchObject({ index: 7 });
    expect(requests.map(({ requestId }) => requestId)).toEqual(['mine', 'mine']);
    // The service must have given up before we do, or we should not hear what it knows.
    for (const { timeoutMs } of requests) expect(timeoutMs).toBeLessThan(5_000);
  });

  it('is unknown once it may have been committed, whatever is said later', async () => {
    await answering(fault('unknown'), fault('unavailable'));
    await expect(client.propose(put, { timeoutMs: 3_000 })).rejects.toMatchObject({ code: 'unknown' });
  });

  it('is unavailable when it was certainly not proposed', async () => {
    await answering(fault('unavailable'));
    // Time for all tries: one that is cut short by it may have arrived.
    await expect(client.propose(put, { timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not made again when it was refused', async () => {
    const requests = await answering(fault('conflict'));
    await expect(client.propose(put)).rejects.toMatchObject({ code: 'conflict' });
    expect(requests.length).toBe(1);
  });

  it.each([undefined, new NexusError('conflict', 'the lease ran out')])(
    'is unknown to a caller that stops waiting for it, for whatever reason: %s',
    async (reason) => {
      const requests = await answering(silence);
      const stopped = new AbortController();
      const proposal = client.propose(put, { signal: stopped.signal });
      await eventually('it is sent', () => requests.length === 1);
      stopped.abort(reason);
      await expect(proposal).rejects.toMatchObject({ code: 'unknown' });
    },
  );

  it('fails with the reason of a caller that had stopped before, and is not sent', async () => {
    const requests = await answering(done);
    const reason = new NexusError('conflict', 'the lease ran out');
    await expect(client.propose(put, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await client.propose(put);
    expect(requests.length).toBe(1);
  });
});

describe('a watch of the client', () => {
  const next = async (watch: AsyncIterator<KeyReading, undefined>) => (await watch.next()).value;

  it('tells what stands, and what follows', async () => {
    const { log } = await servedLog();
    await log.propose({ type: 'put', key: 'a', value: 1 });
    const watch = client.watch(['a', 'b']);
    stops.push(() => watch.return());
    expect([await next(watch), await next(watch)]).toMatchObject([
      { key: 'a', value: 1, version: 1 },
      { key: 'b', value: null, version: 0 },
    ]);
    await log.propose({ type: 'put', key: 'other', value: 0 });
    await log.propose({ type: 'put', key: 'b', value: 2 });
    expect(await next(watch)).toMatchObject({ key: 'b', value: 2, version: 3 });
    await log.propose({ type: 'delete', key: 'b' });
    expect(await next(watch)).toMatchObject({ key: 'b', value: null });
  });

  it('notices what it was not told of by the gap, and reads it', async () => {
    const served = await servedLog();
    const watch = client.watch(['a']);
    stops.push(() => watch.return());
    expect(await next(watch)).toMatchObject({ value: null });
    served.silent = true;
    await served.log.propose({ type: 'put', key: 'a', value: 'untold' });
    served.silent = false;
    await served.log.propose({ type: 'put', key: 'other', value: 0 });
    expect(await next(watch)).toMatchObject({ key: 'a', value: 'untold' });
  });

  it('begins once the log is there', async () => {
    const told: (string | undefined)[] = [];
    const watch = client.watch(['late'], { onTrouble: (error) => told.push(error?.code) });
    stops.push(() => watch.return());
    await eventually('it has found nobody', () => watch.trouble);
    const { log } = await servedLog();
    await log.propose({ type: 'put', key: 'late', value: 1 });
    const seen = await next(watch);
    expect(seen).toMatchObject({ key: 'late', value: 1 });
    await eventually('the trouble is over', () => watch.trouble === undefined);
    expect(told).toEqual(['unavailable', undefined]);
  });

  it('keeps the last value for a slow reader', async () => {
    const { log } = await servedLog();
    const watch = client.watch(['a']);
    stops.push(() => watch.return());
    await next(watch);
    for (let value = 1; value <= 50; value += 1) await log.propose({ type: 'put', key: 'a', value });
    const last = await eventually('the last value', async () => {
      const seen = await next(watch);
      return seen?.value === 50 && seen;
    });
    expect(last.version).toBe(50);
  });

  it.each([[[]], [['no key']], [Array.from({ length: 65 }, (_, at) => `k${at}`)]])(
    'refuses keys that cannot be watched at once',
    (keys: string[]) => {
      expect(() => client.watch(keys)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    },
  );

  it('ends with the loop that reads it', async () => {
    await servedLog();
    const watch = client.watch(['a']);
    for await (const { value } of watch) {
      expect(value).toBeNull();
      break;
    }
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a lease of the client', () => {
  it('is held while the work runs, and free in every outcome', async () => {
    const { log } = await servedLog();
    const token = await client.withLease('printer', {}, async ({ fencingToken, owner }) => {
      expect(await client.readLease('printer')).toMatchObject({ owner, fencingToken });
      await expect(client.lease('printer')).rejects.toMatchObject({ code: 'conflict' });
      return fencingToken;
    });
    const failing = client.withLease('printer', {}, () => Promise.reject(new Error('out of paper')));
    await expect(failing).rejects.toThrow('out of paper');
    expect(await log.readLease('printer')).toMatchObject({ owner: null });
    await client.withLease('printer', {}, ({ fencingToken }) => expect(fencingToken).toBeGreaterThan(token));
  });

  it('leaves what was proposed under it unknown when it ends before that is answered', async () => {
    const served = await servedLog();
    const proposal = client.withLease('printer', { ttlMs: 2_000 }, ({ signal }) => {
      served.mute = true;
      return client.propose(put, { signal, timeoutMs: 30_000 });
    });
    await expect(proposal).rejects.toMatchObject({ code: 'unknown', cause: { code: 'conflict' } });
    expect(await served.log.read('k')).toMatchObject({ value: 1 });
  });
});
