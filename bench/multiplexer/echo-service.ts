// The same served as Nexus serves: its transport, its guard, its schema, and telemetry as a service has it.
import { Controller, Module } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type RunningService, Serve, startService } from '@nexus/platform/nats';
import { createLogger, installTelemetry, NestPinoLogger } from '@nexus/platform/telemetry';
import { answerParent } from '../processes/parent-line.js';
import { echoes, echoPrefix } from './echo.js';

@Controller()
class EchoController {
  @Serve(echoes.byNexus)
  echo(@Payload() request: object): object {
    return request;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const [, , servers = ''] = process.argv;
const identity = { name: 'nexus-echo', id: 'echo-1', version: '1.0.0', description: 'Echoes.' };
installTelemetry({ service: 'echo', instanceId: identity.id, version: identity.version });

const service: RunningService = await startService({
  identity,
  connect: { servers, name: 'bench echo by Nexus' },
  prefix: echoPrefix,
  drainTimeoutMs: 1_000,
  logger: new NestPinoLogger(createLogger({ service: 'echo', instanceId: identity.id, level: 'error' })),
  module: () => ({ module: EchoModule }),
});

answerParent(async () => {
  await service.connection.flush();
  return {};
});
