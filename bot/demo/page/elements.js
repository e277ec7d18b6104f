// Block Kit's interactive elements. In a message or home each change is an action; in a modal `values` reads them.

import { element } from "./mrkdwn.js";

export function control(one, blockId, context) {
  const drawn = (ELEMENTS[one.type] ?? unknown)(one, context);
  Object.assign(drawn.dataset, { block: blockId ?? "", action: one.action_id ?? "", type: one.type });
  return drawn;
}

const unknown = (one) => element("span", { textContent: `[${one.type}]` });
const choice = (option) => element("option", { value: option.value, textContent: option.text.text });
const options = (one) => one.options ?? (one.option_groups ?? []).flatMap((group) => group.options);

function button(one, context) {
  const drawn = element("button", { type: "button", textContent: one.text.text, className: one.style ?? "", ariaLabel: one.accessibility_label ?? null });
  drawn.addEventListener("click", async () => {
    if (!one.confirm || (await context.confirm(one.confirm))) context.act(one.action_id, one.value);
  });
  return drawn;
}

function select(one, context) {
  const empty = element("option", { value: "", textContent: one.placeholder?.text ?? "—" });
  const drawn = element("select", {}, empty, ...options(one).map(choice));
  drawn.value = one.initial_option?.value ?? "";
  drawn.addEventListener("change", () => context.act?.(one.action_id, drawn.value));
  return drawn;
}

function ticks(kind) {
  return (one) => {
    const chosen = new Set([...(one.initial_options ?? []), ...(one.initial_option ? [one.initial_option] : [])].map((option) => option.value));
    const row = (option) =>
      element("label", {}, element("input", { type: kind, name: one.action_id, value: option.value, checked: chosen.has(option.value) }), ` ${option.text.text}`);
    return element("fieldset", {}, ...one.options.map(row));
  };
}

const field = (type) => (one) =>
  element(one.multiline ? "textarea" : "input", {
    ...(one.multiline ? {} : { type }),
    value: one.initial_value ?? one.initial_date ?? one.initial_time ?? "",
    placeholder: one.placeholder?.text ?? "",
    maxLength: one.max_length ?? 3000,
  });

const ELEMENTS = {
  button,
  static_select: select,
  overflow: select,
  checkboxes: ticks("checkbox"),
  radio_buttons: ticks("radio"),
  plain_text_input: field("text"),
  number_input: field("number"),
  email_text_input: field("email"),
  url_text_input: field("url"),
  datepicker: field("date"),
  timepicker: field("time"),
};

// What Slack sends as view.state.values.
export function values(form) {
  const found = {};
  for (const node of form.querySelectorAll("[data-action]")) {
    const { block, action, type } = node.dataset;
    if (type !== "button") (found[block] ??= {})[action] = value(node, type);
  }
  return found;
}

function value(node, type) {
  const picked = [...node.querySelectorAll("input:checked")].map((input) => ({ value: input.value }));
  switch (type) {
    case "static_select":
      return { type, selected_option: node.value ? { value: node.value } : null };
    case "radio_buttons":
      return { type, selected_option: picked[0] ?? null };
    case "checkboxes":
      return { type, selected_options: picked };
    case "datepicker":
      return { type, selected_date: node.value || null };
    case "timepicker":
      return { type, selected_time: node.value || null };
    default:
      return { type, value: node.value || null };
  }
}
