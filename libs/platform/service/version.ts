/** The version of Nexus that runs, as in its package and its `$SRV` answers. */
export const nexusVersion = '0.1.0';
