import picocolors from 'picocolors';
import { coloursForced } from './terminal.config.js';

export type Colours = ReturnType<typeof picocolors.createColors>;

/**
 * Colours for one stream: none when it is piped, so that what is stored or parsed holds no control codes. Left to
 * itself picocolors would judge by standard output alone, and colour pipes wherever `CI` is set.
 */
export const coloursFor = (stream: Pick<NodeJS.WriteStream, 'isTTY'>): Colours =>
  picocolors.createColors(picocolors.isColorSupported && (stream.isTTY || coloursForced()));
