import { runService } from '@nexus/platform/service';
import { loadRoutingConfig } from './routing.config.js';
import { routingService } from './routing.module.js';

await runService(routingService, loadRoutingConfig);
