// Moleculer with its NATS transporter; metrics, tracing and validation are off, as they are in Nexus' contenders.
import { connect } from '@nats-io/transport-node';
import { type Context, ServiceBroker } from 'moleculer';
import { agentIdAt } from '../fleets/fleet-plan.js';
import { type Client, type Peer, type PeerGround } from './peer.js';
import { tellWhenAll, untilAllAreTold } from './told.js';
import { nextUnit, type Telling, type Unit } from './unit.js';

const toldEvent = 'bench.told';

const brokerOf = ({ servers, prefix, instance }: PeerGround, strategy: string): ServiceBroker =>
  new ServiceBroker({
    namespace: prefix,
    nodeID: instance,
    transporter: { type: 'NATS', options: { url: servers } },
    registry: { strategy },
    logger: false,
    requestTimeout: 10_000,
    validator: false,
  });

const clientWith =
  (strategy: string) =>
  async (ground: PeerGround): Promise<Client> => {
    const broker = brokerOf(ground, strategy);
    await broker.start();
    const nats = await connect({ servers: ground.servers, name: 'bench told' });
    await broker.waitForServices('unit');
    return {
      unit: () => broker.call<Unit, Unit>('unit.work', nextUnit()),
      tell: untilAllAreTold(nats, ground.prefix, (telling) => broker.broadcast(toldEvent, telling)),
      ready: (agents) => broker.waitForServices(agentIdAt(agents - 1)),
    };
  };

export const moleculer: Peer = {
  crew: async (ground) => {
    const broker = brokerOf(ground, 'RoundRobin');
    const told = tellWhenAll(await connect({ servers: ground.servers, name: 'bench told' }), ground.prefix);
    broker.createService({
      name: 'unit',
      actions: { work: ({ params }: Context<Unit>) => params },
    });
    await broker.start();
    let running = 0;
    return {
      grow: async (agents) => {
        // A service that listens to an event is what Moleculer has for an agent that is told something.
        for (; running < agents; running += 1) {
          broker.createService({
            name: agentIdAt(running),
            // Moleculer looks at the name of the parameter to know what to hand over.
            events: { [toldEvent]: (ctx: Context<Telling>) => told(ctx.params) },
          });
        }
        await broker.waitForServices(agentIdAt(agents - 1));
      },
    };
  },
  clients: { roundRobin: clientWith('RoundRobin'), latency: clientWith('Latency') },
};
