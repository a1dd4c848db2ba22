export { routeFollowerProvider } from './route-follower.provider.js';
export { routesHint } from './routes-hint.js';
