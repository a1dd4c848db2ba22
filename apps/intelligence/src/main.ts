import { runService } from '@nexus/platform/service';
import { loadIntelligenceConfig } from './intelligence.config.js';
import { intelligenceService } from './intelligence.module.js';

await runService(intelligenceService, loadIntelligenceConfig);
