export { ByteReader, Malformed } from './byte-reader.js';
export { ByteWriter } from './byte-writer.js';
export { readConfiguration, writeConfiguration } from './configuration-codec.js';
export { EntryWriter, readEntries, writeEntries } from './entry-codec.js';
export { isMemberId, readMember } from './member-codec.js';
