export {
  type ConfigOf,
  type Environment,
  type Fields,
  loadConfig,
  type LoadConfigOptions,
} from './load-config.js';
export { type ConfigSection, renderConfigDocument } from './config-document.js';
export { describeConfig, type FieldDescription } from './describe-config.js';
export { type Field, type FieldDoc } from './field.js';
export {
  choiceField,
  countOrAutoField,
  integerField,
  type IntegerDoc,
  nodeIdField,
  ratioField,
  textField,
  type TextDoc,
  tokenField,
  urlField,
  type UrlDoc,
  urlsField,
} from './field-builders.js';
export { redactUrl } from './redact.js';
export { predictionFields, redisFields, serviceFields } from './service-fields.js';
