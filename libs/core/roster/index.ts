export { Roster, type Answer, type Entry, type Failure } from './roster.js';
