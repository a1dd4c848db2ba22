declare module 'composeverter' {
  const composeverter: {
    /** The JSON Schema of the Compose specification; its formats are left out, as ajv knows none of them. */
    getDockerComposeSchemaWithoutFormats(): object;
  };
  export default composeverter;
}
