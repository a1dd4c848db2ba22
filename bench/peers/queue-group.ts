// What a NATS micro service is on the wire: a queue group, of whose members the server picks one at random. Written by
// hand, as the package @nats-io/services is a prerelease in the registries; it adds discovery, not balancing.
import { connect } from '@nats-io/transport-node';
import { RawClient } from '../raw-client.js';
import { type Peer } from './peer.js';
import { nextUnit } from './unit.js';

const subjectOf = (prefix: string) => `${prefix}.unit`;
/** The name that NATS micro gives to the group of every endpoint. */
const queue = 'q';

export const queueGroup: Peer = {
  crew: async ({ servers, prefix }) => {
    const nats = await connect({ servers, name: 'bench queue member' });
    nats.subscribe(subjectOf(prefix), {
      queue,
      callback: (_, message) => {
        message.respond(JSON.stringify(message.json()));
      },
    });
    await nats.flush();
    return { grow: () => Promise.resolve() };
  },
  clients: {
    own: async ({ servers, prefix }) => {
      const client = new RawClient(await connect({ servers, name: 'bench queue client' }));
      return { unit: () => client.request(subjectOf(prefix), nextUnit()) };
    },
  },
};
