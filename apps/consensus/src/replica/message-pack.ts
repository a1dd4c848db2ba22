import { Packr } from 'msgpackr';

/** Records would need state that is shared between values; each value in a log, or in an image, stands for itself. */
export const messagePack = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
