// An app on the official Node Bolt: answers a command, a click and a modal. Says `ready PORT` when it listens.
const { App, LogLevel } = require("@slack/bolt");

const { SLACK_URL, BOT_TOKEN, APP_TOKEN, SECRET, TRANSPORT } = process.env;
const app = new App({
  token: BOT_TOKEN,
  clientOptions: { slackApiUrl: `${SLACK_URL}/api/` },
  logLevel: LogLevel.ERROR,
  ...(TRANSPORT === "socket" ? { socketMode: true, appToken: APP_TOKEN } : { signingSecret: SECRET }),
});

const modal = {
  type: "modal",
  title: { type: "plain_text", text: "Ask" },
  submit: { type: "plain_text", text: "Go" },
  blocks: [{ type: "input", block_id: "why", label: { type: "plain_text", text: "Why" }, element: { type: "plain_text_input", action_id: "text" } }],
};
const button = { type: "button", action_id: "go", value: "7", text: { type: "plain_text", text: "Go" } };

app.command("/pve-cluster", async ({ ack, command, respond, client }) => {
  await ack();
  if (command.text === "modal") await client.views.open({ trigger_id: command.trigger_id, view: modal });
  else await respond({ text: `node heard ${command.text}`, blocks: [{ type: "actions", elements: [button] }] });
});
app.action("go", async ({ ack, action, respond }) => {
  await ack();
  await respond({ text: `node saw ${action.value}`, replace_original: true });
});
app.view({ type: "view_submission" }, async ({ ack, view }) => {
  const text = view.state.values.why.text.value;
  await ack(text === "bad" ? { response_action: "errors", errors: { why: "say more" } } : undefined);
});

(async () => {
  const server = TRANSPORT === "socket" ? await app.start() : await app.start({ port: 0, host: "127.0.0.1" });
  console.log(`ready ${TRANSPORT === "socket" ? 0 : server.address().port}`);
})();
