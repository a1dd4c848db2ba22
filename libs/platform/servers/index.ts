export { type Log, type ServerKind, serverTraits } from './kind.js';
export { readServersEnvironment, serverFields, type ServersEnvironment } from './servers.config.js';
export { type Binary, findBinary } from './find-binary.js';
export { instruction, type Program, provision, type ProvisionOptions } from './provision.js';
export { type ServerExit } from './child-server.js';
export { ServerProcess } from './server-process.js';
export { prepareDataDir } from './data-dir.js';
export { type DataDirHolder, DataDirLock } from './data-dir-lock.js';
export { freePort, loopback, portAnswers } from './ports.js';
export { recordFile, sweepOrphans } from './orphans.js';
export { SupervisedProcess, type SupervisedProcessOptions } from './supervised-process.js';
export { isAlive } from './process-table.js';
export {
  provisionOptions,
  type ServerHandle,
  type Servers,
  startServers,
  type StartServersOptions,
} from './start-servers.js';
