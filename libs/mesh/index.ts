export { type MeshConvergence, MeshMember, type MeshMemberView, type MeshOptions } from './mesh-member.js';
export { type MeshChange, type MeshListener } from './mesh-change.js';
export { type MeshSettings, meshSettings } from './mesh-settings.js';
export { type MeshStats } from './mesh-stats.js';
export { SharedKeys, type SharedKeysListener, type SharedPutOptions } from './shared-keys.js';
