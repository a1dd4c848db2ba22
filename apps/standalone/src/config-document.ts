import { renderConfigDocument } from '@nexus/platform/config';
import { serverFields } from '@nexus/platform/servers';
import { fleetFields } from '../../../examples/fleet/agent.config.js';
import { cliFields } from '../../cli/src/cli.config.js';
import { consensusFields } from '../../consensus/src/consensus.config.js';
import { coordinatorFields } from '../../coordinator/src/coordinator.config.js';
import { gossipFields } from '../../gossip/src/gossip.config.js';
import { intelligenceFields } from '../../intelligence/src/intelligence.config.js';
import { routingFields } from '../../routing/src/routing.config.js';
import { standaloneFields } from './standalone.config.js';

/** The page of all variables of the stack. */
export const configDocument = (): string =>
  renderConfigDocument([
    { title: 'npm start, nexus up', fields: standaloneFields },
    { title: 'coordinator', fields: coordinatorFields },
    { title: 'routing', fields: routingFields },
    { title: 'consensus', fields: consensusFields },
    { title: 'gossip', fields: gossipFields },
    { title: 'intelligence', fields: intelligenceFields },
    { title: 'nexus, the command line', fields: cliFields },
    { title: 'the sample fleet', fields: fleetFields },
    { title: 'programs of the servers: npm start, nexus up, nexus doctor, npm test', fields: serverFields },
  ]);
