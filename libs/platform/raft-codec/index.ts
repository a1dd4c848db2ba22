export { readConfiguration, writeConfiguration } from './configuration-codec.js';
export { EntryWriter, readEntries, writeEntries } from './entry-codec.js';
export { isMemberId, readMember } from './member-codec.js';
