import { runService } from '@nexus/platform/service';
import { loadGossipConfig } from './gossip.config.js';
import { gossipService } from './gossip.module.js';

await runService(gossipService, loadGossipConfig);
