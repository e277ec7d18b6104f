// The page: who you are, where you are, what you type; all else is what /sim/state says.

import { blocks } from "./blocks.js";
import { values } from "./elements.js";
import { element, mrkdwn } from "./mrkdwn.js";

const token = new URLSearchParams(location.search).get("token") ?? "";
const $ = (id) => document.getElementById(id);
const here = { user: sessionStorage.user ?? "", channel: sessionStorage.channel ?? "", drawn: "", history: [], back: 0 };
const HOME = "home";
const COMMANDS = [
  "status", "nodes", "nodes pve01", "expected", "qdevice", "links", "certs", "corosync show", "corosync lint",
  "corosync log pve01", "expected 1", "reset pve04", "status --cluster pve-new", "requests", "help", "help quorum", "help network", "help architecture",
];
let state = { users: [], channels: [], messages: [], views: [] };

async function ask(path, body) {
  const response = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "X-Sim-Token": token, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

// Whatever a person does: say that it is under way, then what went wrong or how long it took.
async function doing(what, path, body) {
  const begun = performance.now();
  $("status").textContent = `${what}…`;
  try {
    const answer = await ask(path, body);
    const wrong = answer.error ?? answer.ack?.error;
    $("status").textContent = wrong ? `${what}: ${wrong}` : `${what}: ${Math.round(performance.now() - begun)} ms`;
  } catch (error) {
    $("status").textContent = `${what}: ${error.message}`;
  }
  await refresh();
}

async function refresh() {
  state = await ask("/sim/state");
  const known = (list, id) => list.some((one) => one.id === id);
  if (!known(state.users, here.user)) here.user = state.users[0]?.id ?? "";
  if (here.channel !== HOME && !known(state.channels, here.channel)) here.channel = state.channels[0]?.id ?? "";
  draw();
}

function names(id) {
  const found = state.users.find((one) => one.id === id) ?? state.channels.find((one) => one.id === id);
  return found?.name;
}

function draw() {
  drawPeople();
  drawChannels();
  drawNodes();
  drawFaults();
  drawMessages();
  drawModal();
}

function drawPeople() {
  const label = (user) => user.name + (user.about ? ` (${user.about})` : "");
  $("person").replaceChildren(...state.users.filter((user) => !user.is_bot).map((user) => element("option", { value: user.id, textContent: label(user) })));
  $("person").value = here.user;
}

function drawChannels() {
  const places = [{ id: HOME, name: "App Home" }, ...state.channels.filter((one) => !one.is_im || one.user === here.user)];
  const row = ({ id, name, is_im: direct }) => {
    const button = element("button", { type: "button", textContent: id === HOME ? "🏠 App Home" : direct ? "✉ pve-cluster-bot" : `# ${name}` });
    button.setAttribute("aria-current", id === here.channel);
    button.addEventListener("click", () => go(id));
    return element("li", {}, button);
  };
  $("channels").replaceChildren(...places.map(row));
  $("title").textContent = here.channel === HOME ? "App Home" : `# ${names(here.channel) ?? ""}`;
  $("composer").hidden = here.channel === HOME;
}

function drawNodes() {
  const nodes = state.cluster?.nodes ?? [];
  $("cluster").hidden = nodes.length === 0;
  const row = (node) => {
    const power = element("select", { ariaLabel: `Power of ${node.name}` }, ...["on", "off", "hang"].map((word) => element("option", { value: word, textContent: word })));
    power.value = node.power;
    power.addEventListener("change", () => doing(`${node.name} ${power.value}`, "/sim/node", { node: node.name, power: power.value }));
    return element("li", { className: "node" }, element("span", { textContent: node.name }), power, ...Object.entries(node.links ?? {}).map(([number, up]) => linkSwitch(node, number, up)));
  };
  const group = ([name, hosts]) => [element("li", {}, element("h3", { textContent: name })), ...hosts.map(row)];
  $("nodes").replaceChildren(...Object.entries(Object.groupBy(nodes, (node) => node.cluster)).flatMap(group));
}

function linkSwitch(node, number, up) {
  const tick = element("input", { type: "checkbox", checked: up, ariaLabel: `Link ${number} of ${node.name}` });
  tick.addEventListener("change", () => doing(`link ${number} of ${node.name}`, "/sim/link", { node: node.name, link: Number(number), up: tick.checked }));
  return element("label", { className: "link", title: `link ${number}` }, tick, `L${number}`);
}

function drawFaults() {
  const row = ([name, on]) => {
    const tick = element("input", { type: "checkbox", checked: on });
    tick.addEventListener("change", () => doing(name, "/sim/fault", { name, on: tick.checked }));
    return element("li", {}, element("label", {}, tick, ` ${name.replaceAll("_", " ")}`));
  };
  $("faults").replaceChildren(...Object.entries(state.faults ?? {}).map(row));
}

function drawMessages() {
  const home = state.views.find((view) => view.type === "home" && view.user === here.user);
  const seen = state.messages.filter((message) => message.channel === here.channel && (!message.ephemeral_to || message.ephemeral_to === here.user));
  const rows = here.channel === HOME ? [element("li", {}, ...blocks(home?.blocks, acting({ view_id: home?.id })))] : threaded(seen).map(message);
  const print = JSON.stringify([here.user, here.channel, home, seen]);
  if (print === here.drawn) return; // an open confirm or a selection survives what others do
  here.drawn = print;
  $("messages").replaceChildren(...rows);
  $("messages").lastElementChild?.scrollIntoView({ block: "nearest" });
}

// Replies stand under the message they answer, as in an open thread.
function threaded(seen) {
  const isReply = (one) => one.thread_ts && one.thread_ts !== one.ts && seen.some((other) => other.ts === one.thread_ts);
  const answers = (one) => seen.filter((other) => isReply(other) && other.thread_ts === one.ts);
  return seen.filter((one) => !isReply(one)).flatMap((one) => [one, ...answers(one).map((reply) => ({ ...reply, isReply: true }))]);
}

function message(one) {
  const when = new Date(Number(one.ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const body = one.blocks?.length ? blocks(one.blocks, acting({ ts: one.ts })) : [element("div", {}, ...mrkdwn(one.text ?? "", names))];
  return element(
    "li",
    { className: one.ephemeral_to ? "ephemeral" : one.isReply ? "reply" : "" },
    element("div", { className: "by" }, element("strong", { textContent: names(one.user) ?? "pve-cluster-bot" }), element("time", { textContent: when }),
      one.ephemeral_to && element("span", { textContent: "Only visible to you" }), one.edited && element("span", { textContent: "(edited)" })),
    ...(one.blocks?.length || one.text ? body : []),
    ...(one.files ?? []).map(file),
  );
}

function file(one) {
  const href = `/sim/file/${encodeURIComponent(one.id)}?token=${encodeURIComponent(token)}`;
  return element("a", { className: "file", href, target: "_blank", rel: "noreferrer", textContent: `📄 ${one.name} (${one.size} bytes)` });
}

function acting(where) {
  const act = (action_id, value) => doing("click", "/sim/click", { user: here.user, channel: here.channel === HOME ? undefined : here.channel, ...where, action_id, value });
  return { names, act, confirm: confirmed };
}

function confirmed({ title, text, confirm, deny }) {
  const dialog = $("confirm");
  const answer = (returnValue, label) => element("button", { value: returnValue, textContent: label });
  const buttons = element("form", { method: "dialog" }, answer("", deny.text), answer("yes", confirm.text));
  dialog.replaceChildren(element("h3", { textContent: title.text }), element("p", {}, ...mrkdwn(text.text, names)), buttons);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

function drawModal() {
  const dialog = $("modal");
  const view = state.views.filter((one) => one.type === "modal" && one.user === here.user).at(-1);
  const print = JSON.stringify(view ? { ...view, state: null } : null); // what is being filled in is only in the form
  if (dialog.dataset.drawn === print) return;
  dialog.dataset.drawn = print;
  if (!view) return dialog.close();
  const form = element(
    "form",
    {},
    element("h3", { textContent: view.title.text }),
    element("div", { className: "body" }, ...blocks(view.blocks, acting({ view_id: view.id }))),
    element("p", { className: "error", role: "alert" }),
    element("footer", {}, closing(view), view.submit && element("button", { className: "primary", textContent: view.submit.text })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(form, view);
  });
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
}

function closing(view) {
  const button = element("button", { type: "button", textContent: view.close?.text ?? "Close" });
  button.addEventListener("click", () => doing("close", "/sim/close", { user: here.user, view_id: view.id }));
  return button;
}

async function submit(form, view) {
  const answer = await ask("/sim/submit", { user: here.user, view_id: view.id, values: values(form) });
  for (const node of form.querySelectorAll(".block.input")) {
    const id = node.querySelector("[data-block]")?.dataset.block;
    node.querySelector(".error").textContent = answer.errors?.[id] ?? answer.ack?.errors?.[id] ?? "";
  }
  form.querySelector("p.error").textContent = answer.ack?.error ? `Slack: ${answer.ack.error}` : "";
  form.querySelector(".input .error:not(:empty)")?.scrollIntoView({ block: "nearest" });
  await refresh();
}

function go(channel) {
  here.channel = sessionStorage.channel = channel;
  if (channel === HOME) return doing("home", "/sim/open_home", { user: here.user });
  return draw();
}

$("person").addEventListener("change", (event) => {
  here.user = sessionStorage.user = event.target.value;
  go(here.channel);
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const line = $("line").value.trim();
  if (!line.startsWith("/")) {
    $("status").textContent = "The bot answers slash commands: /pve-cluster help";
    return;
  }
  here.history.push(line);
  here.back = here.history.length;
  $("line").value = "";
  const text = line.replace(/^\/\S+\s*/, "");
  doing(line, "/sim/slash", { user: here.user, channel: here.channel, text });
});

$("line").addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || $("line").value.startsWith("/pve-cluster ") === false && here.history.length === 0) return;
  here.back = Math.min(Math.max(here.back + step, 0), here.history.length);
  $("line").value = here.history[here.back] ?? "";
  event.preventDefault();
});

$("commands").replaceChildren(...COMMANDS.map((words) => element("option", { value: `/pve-cluster ${words}` })));
$("modal").addEventListener("cancel", (event) => event.preventDefault()); // closing goes through Slack, as its button does
new EventSource(`/sim/events?token=${encodeURIComponent(token)}`).addEventListener("message", refresh);
refresh();
