export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

export interface XmlElement {
  readonly name: string;
  readonly attributes: XmlAttributes;
  readonly children: readonly (XmlElement | string)[];
}

/** An element; an attribute that is undefined is left out. */
export function xml(
  name: string,
  attributes: XmlAttributes = {},
  ...children: readonly (XmlElement | string)[]
): XmlElement {
  return { name, attributes, children };
}

/** The element as indented text. An element holds either text or elements. */
export function renderXml(element: XmlElement, indent = ""): string {
  const attributes = Object.entries(element.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escape(String(value))}"`)
    .join("");
  const start = `${indent}<${element.name}${attributes}`;
  if (element.children.length === 0) return `${start}/>\n`;
  const texts = element.children.filter((child) => typeof child === "string");
  const elements = element.children.filter((child) => typeof child !== "string");
  if (elements.length === 0) return `${start}>${escape(texts.join(""))}</${element.name}>\n`;
  const inner = elements.map((child) => renderXml(child, `${indent}  `)).join("");
  return `${start}>\n${inner}${indent}</${element.name}>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
