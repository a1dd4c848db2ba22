import { runService } from '@nexus/platform/service';
import { loadCoordinatorConfig } from './coordinator.config.js';
import { coordinatorService } from './coordinator.module.js';

await runService(coordinatorService, loadCoordinatorConfig);
