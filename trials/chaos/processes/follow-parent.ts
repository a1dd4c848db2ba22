// Loaded into every child before its entry point: none outlives the trial, however that ended.
import { onParentGone } from '../../../examples/fleet/follow-parent.js';

onParentGone(() => process.exit(1));
process.channel?.unref();
