import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { BareLoop } from '../multiplexer/bare-loop.js';
import { echoBody, echoes, echoPrefix } from '../multiplexer/echo.js';
import { Child } from '../processes/child.js';
import { type GroundContext, ratesOf, type Section } from './section.js';

const inFlights = [1, 64, 256] as const;
const timeoutMs = 10_000;
const readyWithinMs = 30_000;

/** What one request and its reply cost, apart from what they are about. */
export const multiplexer: Section = {
  name: 'multiplexer',
  summary: 'requests of 200 bytes, asked and served by Nexus, against the least that it takes by hand',
  on: 'bare ground',
  run: async (context, onTable) => {
    const { natsUrl, givenUp } = context;
    const echo = (entry: string) =>
      new Child({ name: entry, entry: `bench/multiplexer/${entry}.js`, args: [natsUrl] });
    const children = [echo('echo-by-hand'), echo('echo-service')];
    try {
      await Promise.race([
        Promise.all(children.map((child) => child.ask({}, readyWithinMs))).then(async () => {
          for (const inFlight of inFlights) onTable(await measure(context, inFlight));
        }),
        ...children.map((child) => child.failed()),
        givenUp,
      ]);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  },
};

async function measure(context: GroundContext, inFlight: number) {
  const connection = await Connection.open({ servers: context.natsUrl, name: 'bench multiplexer' });
  const bare = new BareLoop(connection);
  const caller = new Caller(connection, new ReplyInbox(connection), echoPrefix);
  const { byHand, byNexus } = echoes;
  const subjectOf = ({ template }: { template: string }) => `${echoPrefix}.${template}`;
  const body = JSON.stringify(echoBody);
  const ways = {
    'bare loop, served by hand': () => bare.request(subjectOf(byHand), echoBody),
    'nc.request, served by hand': async () =>
      (
        await connection.nats.request(subjectOf(byHand), JSON.stringify(echoBody), { timeout: timeoutMs })
      ).json(),
    'Caller.call, served by hand': () => caller.call(byHand, {}, echoBody, { timeoutMs }),
    'bare loop, served by Nexus': () => bare.request(subjectOf(byNexus), echoBody),
    'Caller.call, served by Nexus': () => caller.call(byNexus, {}, echoBody, { timeoutMs }),
  };
  try {
    const title = `${Buffer.byteLength(body)} bytes asked and echoed, ${inFlight} in flight`;
    return await ratesOf(context, { title, unit: 'requests/s', ways, inFlight });
  } finally {
    await connection.close();
  }
}
