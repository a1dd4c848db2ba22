import { Controller } from '@nestjs/common';
import { type DirectPolicy, endpoints } from '@nexus/contracts';
import { Serve } from '@nexus/platform/nats';
import { PolicyHandler } from './policy.handler.js';

@Controller()
export class PolicyController {
  constructor(private readonly handler: PolicyHandler) {}

  @Serve(endpoints.coordinatorPolicy)
  policy(): DirectPolicy {
    return this.handler.policy();
  }
}
