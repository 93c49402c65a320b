// The library is CommonJS: where it is imported later, a bundle in parts would give its default export only.
export { parse, stringify } from "yaml";
