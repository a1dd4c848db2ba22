import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { errorStatus, type NodeId, type OutcomeReport } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { OutcomeReports } from '../../../apps/coordinator/src/intelligence/outcome-reports.js';
import { outcome } from './intelligence-stack.js';

let servers: TestServers;
let connection: Connection;
let nats: NatsConnection;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  connection = await Connection.open({ servers: servers.natsUrl, name: 'test' });
  nats = await connect({ servers: servers.natsUrl });
});

afterAll(async () => {
  await connection.close();
  await nats.close();
  await servers.stop();
});

/** An error reply as services write it. */
function refuse(message: Msg, code: 'unavailable' | 'invalid_argument'): void {
  const marks = headers();
  marks.set('Nats-Service-Error-Code', String(errorStatus[code]));
  marks.set('Nats-Service-Error', code);
  const error = { code, message: code, details: [], retryable: code === 'unavailable' };
  message.respond(JSON.stringify({ error }), { headers: marks });
}

const acknowledge = (message: Msg) => message.respond(JSON.stringify({ stored: 1, duplicates: 0 }));

/** Reports of what is put into `fresh`. */
function reporting(prefix: string) {
  const fresh: string[] = [];
  const reports = new OutcomeReports({
    caller: new Caller(connection, new ReplyInbox(connection), prefix),
    self: 'coordinator-1' as NodeId,
    life: 'life-1',
    take: () => ({ outcomes: fresh.splice(0).map((id) => outcome(id)), work: [] }),
  });
  return { fresh, reports };
}

/** Listens as the service does. */
async function serving(prefix: string, answer: (message: Msg, report: OutcomeReport) => void) {
  const heard: OutcomeReport[] = [];
  const subscription = nats.subscribe(`${prefix}.int.intelligence.outcomes`, {
    callback: (_, message) => {
      const report = message.json<OutcomeReport>();
      heard.push(report);
      answer(message, report);
    },
  });
  await nats.flush();
  return { heard, stop: () => subscription.unsubscribe() };
}

describe('OutcomeReports', () => {
  it('keeps what nobody heard, and tells it again under its number until it is acknowledged', async () => {
    const { fresh, reports } = reporting('again');
    fresh.push('c-1');
    await eventually('it waits', () => reports.figures().reportsWaiting === 1);
    const { heard, stop } = await serving('again', (message, { sequence }) => {
      const isFirst = heard.filter((report) => report.sequence === sequence).length === 1;
      if (isFirst) refuse(message, 'unavailable');
      else acknowledge(message);
    });
    fresh.push('c-2');
    await eventually('all is acknowledged', () => reports.figures().reportsAcknowledged === 2);
    stop();
    await reports.stop();
    expect(reports.figures()).toEqual({ reportsWaiting: 0, reportsAcknowledged: 2, reportsGivenUp: 0 });
    expect(new Map(heard.map(({ sequence, outcomes }) => [sequence, outcomes[0]!.coordinationId]))).toEqual(
      new Map([
        [0, 'c-1'],
        [1, 'c-2'],
      ]),
    );
  });

  it('gives up what is refused for good, and tells the next', async () => {
    const { heard, stop } = await serving('refused', (message, { sequence }) => {
      if (sequence > 0) acknowledge(message);
      else refuse(message, 'invalid_argument');
    });
    const { fresh, reports } = reporting('refused');
    fresh.push('c-1');
    await eventually('it is given up', () => reports.figures().reportsGivenUp === 1);
    fresh.push('c-2');
    await reports.stop();
    stop();
    expect(reports.figures()).toMatchObject({ reportsAcknowledged: 1, reportsWaiting: 0 });
    expect(heard).toHaveLength(2);
  });

  it('tells what there is when it ends, and ends though nobody listens', async () => {
    const { heard, stop } = await serving('end', acknowledge);
    const { fresh, reports } = reporting('end');
    fresh.push('c-1');
    await reports.stop();
    stop();
    expect(heard[0]!.outcomes[0]!.coordinationId).toBe('c-1');
    const alone = reporting('nobody');
    alone.fresh.push('c-2');
    await alone.reports.stop();
    expect(alone.reports.figures().reportsWaiting).toBe(1);
  });
});
