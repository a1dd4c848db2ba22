export { GossipModule, type GossipModuleOptions } from './gossip.module.js';
export { PublishedKey, type PublishedKeyOptions } from './published-key.js';
