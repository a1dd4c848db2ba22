export { assert, assertNever, Defect } from './assert.js';
