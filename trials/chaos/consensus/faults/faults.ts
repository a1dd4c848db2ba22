import { type FaultName, type Inflict } from './fault.js';
import { kill } from './kill.js';
import { partition } from './partition.js';
import { pause } from './pause.js';
import { restart } from './restart.js';

export const faults: Readonly<Record<FaultName, Inflict>> = { kill, pause, partition, restart };
