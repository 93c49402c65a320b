/** RFC 1123 label. */
export const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 1123 subdomain: names of most objects. */
export const SUBDOMAIN = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

/** Reference of a container image. */
export const REFERENCE = /^[\x21-\x7e]{1,1024}$/;
