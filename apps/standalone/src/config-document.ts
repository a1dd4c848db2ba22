import { renderConfigDocument } from '@nexus/platform/config';
import { coordinatorFields } from '../../coordinator/src/coordinator.config.js';
import { routingFields } from '../../routing/src/routing.config.js';
import { standaloneFields } from './standalone.config.js';

/** The page of all variables of the stack. */
export const configDocument = (): string =>
  renderConfigDocument([
    { title: 'npm start, nexus up', fields: standaloneFields },
    { title: 'coordinator', fields: coordinatorFields },
    { title: 'routing', fields: routingFields },
  ]);
