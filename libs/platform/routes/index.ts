export { routesHint } from './routes-hint.js';
