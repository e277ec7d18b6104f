// Block Kit as DOM nodes. What is not known is shown by its name, never dropped in silence.

import { element, link, mention, mrkdwn } from "./mrkdwn.js";
import { control } from "./elements.js";

// *context*: {names(id) → string, act(action_id, value)}
export function blocks(list, context) {
  return (list ?? []).map((block) => {
    const draw = BLOCKS[block.type] ?? unknown;
    const drawn = draw(block, context);
    drawn.classList.add("block", block.type);
    return drawn;
  });
}

const text = (object, context) =>
  object.type === "plain_text" ? [document.createTextNode(object.text)] : mrkdwn(object.text, context.names);

const unknown = (block) => element("p", { textContent: `[${block.type}]` });

const BLOCKS = {
  header: (block, context) => element("h3", {}, ...text(block.text, context)),
  divider: () => element("hr"),
  markdown: (block, context) => element("div", {}, ...mrkdwn(block.text.replaceAll("**", "*"), context.names)),
  section: (block, context) =>
    element(
      "div",
      {},
      block.text && element("div", { className: "text" }, ...text(block.text, context)),
      block.fields && element("div", { className: "fields" }, ...block.fields.map((field) => element("div", {}, ...text(field, context)))),
      block.accessory && control(block.accessory, block.block_id, context),
    ),
  context: (block, context) =>
    element("div", {}, ...block.elements.map((one) => element("span", {}, ...(one.text ? text(one, context) : [image(one)])))),
  actions: (block, context) => element("div", {}, ...block.elements.map((one) => control(one, block.block_id, context))),
  input: (block, context) =>
    element(
      "label",
      {},
      element("span", { textContent: block.label.text + (block.optional ? " (optional)" : "") }),
      control(block.element, block.block_id, context),
      block.hint && element("small", { textContent: block.hint.text }),
      element("small", { className: "error" }),
    ),
  image: (block) => image(block),
  alert: (block, context) => element("div", { role: "alert" }, ...text(block.text, context)),
  rich_text: (block, context) => element("div", {}, ...block.elements.map((one) => rich(one, context))),
  table: (block, context) =>
    element("table", {}, ...block.rows.map((row, number) => element("tr", {}, ...row.map((cell) => tableCell(cell, number, context))))),
};

function tableCell(cell, number, context) {
  const inside = cell.type === "rich_text" ? cell.elements.map((one) => rich(one, context)) : [String(cell.text ?? cell.value)];
  return element(number === 0 ? "th" : "td", {}, ...inside);
}

const image = (block) => element("span", { className: "image", textContent: `🖼 ${block.alt_text}` });

function rich(part, context) {
  const inside = () => part.elements.map((one) => inline(one, context));
  switch (part.type) {
    case "rich_text_preformatted":
      return element("pre", {}, ...inside());
    case "rich_text_quote":
      return element("blockquote", {}, ...inside());
    case "rich_text_list":
      return element(part.style === "ordered" ? "ol" : "ul", {}, ...part.elements.map((one) => element("li", {}, rich(one, context))));
    default:
      return element("span", { className: "rich" }, ...inside());
  }
}

function inline(one, context) {
  switch (one.type) {
    case "link":
      return link(one.url, one.text ?? one.url);
    case "user":
      return mention("@" + (context.names(one.user_id) ?? one.user_id));
    case "channel":
      return mention("#" + (context.names(one.channel_id) ?? one.channel_id));
    case "emoji":
      return document.createTextNode(one.unicode ? String.fromCodePoint(...one.unicode.split("-").map((code) => parseInt(code, 16))) : `:${one.name}:`);
    default:
      return styledText(one);
  }
}

function styledText({ text: words = "", style = {} }) {
  let node = document.createTextNode(words);
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) {
    if (style[name]) node = element(tag, {}, node);
  }
  return node;
}
