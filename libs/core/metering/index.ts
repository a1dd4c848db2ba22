export { bucketBounds, Histogram, quantile } from './histogram.js';
export { FrequentItems, type ItemCount } from './frequent-items.js';
