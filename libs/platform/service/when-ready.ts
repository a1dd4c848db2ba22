import { type BootedService } from './boot-service.js';

const retryMs = 25;

/**
 * Waits until every check of the services has passed.
 * @throws what a check last complained of when that takes longer than `withinMs`
 */
export async function whenReady(services: readonly BootedService[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  const checks = services.flatMap((service) => Object.values(service.checks));
  for (const check of checks) {
    for (;;) {
      try {
        await check();
        break;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}
