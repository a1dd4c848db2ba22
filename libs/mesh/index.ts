export { MessageCodec } from './codec/message-codec.js';
export { MeshMember } from './mesh-member.js';
export { type MeshOptions } from './mesh-options.js';
export { type MeshChange, type MeshListener } from './mesh-change.js';
export { type MeshSettings, meshSettings } from './mesh-settings.js';
export { type MeshStats } from './mesh-stats.js';
export { type MeshConvergence, type MeshMemberView } from './mesh-view.js';
export {
  SharedKeys,
  type SharedKeysListener,
  type SharedKeysStats,
  type SharedListOptions,
  type SharedPutOptions,
} from './keys/keys-of-all.js';
