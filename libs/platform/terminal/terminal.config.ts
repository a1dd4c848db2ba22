/** Whether the user wants colours also where no terminal is, as in a CI log that shows them. */
export const coloursForced = (env: NodeJS.ProcessEnv = process.env): boolean =>
  !['', '0', 'false', undefined].includes(env['FORCE_COLOR']);
