export { type Colours, coloursFor } from './colours.js';
export { formatBytes, formatDuration, formatShare } from './figures.js';
export { printable, shorten } from './printable.js';
export { Progress } from './progress.js';
export { type Cell, paintOf, renderTable, type TableOptions, type Tone } from './table.js';
