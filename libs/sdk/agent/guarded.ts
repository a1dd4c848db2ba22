/** Calls a listener of the user, whose faults must not stop the agent. */
export const guarded =
  <E extends { readonly kind: string }>(onEvent: ((event: E) => void) | undefined): ((event: E) => void) =>
  (event) => {
    try {
      onEvent?.(event);
    } catch (error) {
      process.emitWarning(`onEvent threw on ${event.kind}: ${String(error)}`, 'NexusAgentWarning');
    }
  };
