// Slack's mrkdwn as DOM nodes. Text only ever becomes textContent, so nothing typed can become markup.

const INLINE = /```([\s\S]+?)```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?!\s)([^*\n]+?)\*(?!\w)|(?<![\w_])_(?!\s)([^_\n]+?)_(?!\w)|(?<![\w~])~(?!\s)([^~\n]+?)~(?!\w)/g;
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

export const element = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

export const unescaped = (text) => text.replace(/&(lt|gt|amp);/g, (entity) => ENTITIES[entity]);

// *names* says how a user or channel id reads.
export function mrkdwn(text, names) {
  const out = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(unescaped(text.slice(end, match.index)));
    out.push(styled(match, names));
    end = match.index + match[0].length;
  }
  return [...out, unescaped(text.slice(end))].filter((part) => part !== "");
}

function styled([, block, code, reference, bold, italic, struck], names) {
  if (block !== undefined) return element("pre", { textContent: unescaped(block.replace(/^\n/, "")) });
  if (code !== undefined) return element("code", { textContent: unescaped(code) });
  if (bold !== undefined) return element("strong", {}, ...mrkdwn(bold, names));
  if (italic !== undefined) return element("em", {}, ...mrkdwn(italic, names));
  if (struck !== undefined) return element("s", {}, ...mrkdwn(struck, names));
  return linked(reference, names);
}

function linked(reference, names) {
  const [target, label] = reference.split("|");
  if (/^[@#]/.test(target)) return mention(target[0] + (names(target.slice(1)) ?? target.slice(1)));
  if (target.startsWith("!date^")) return dated(target);
  if (target.startsWith("!")) return mention("@" + (label ?? target.slice(1)).replace(/^@/, ""));
  return link(unescaped(target), unescaped(label ?? target));
}

export const mention = (textContent) => element("span", { className: "mention", textContent });

export function link(href, textContent) {
  const safe = /^(https?|mailto):/.test(href);
  return safe ? element("a", { href, textContent, rel: "noreferrer", target: "_blank" }) : document.createTextNode(textContent);
}

function dated(target) {
  const [, seconds, format] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return document.createTextNode(format.replace(/\{time[^}]*\}/, time).replace(/\{date[^}]*\}/, when.toLocaleDateString()));
}
