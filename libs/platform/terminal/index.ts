export { formatBytes, formatDuration, formatShare } from './figures.js';
export { Progress } from './progress.js';
export { renderTable, type TableOptions } from './table.js';
