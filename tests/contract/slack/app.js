// A small app made with Slack's own library, as the fake's contract: a command, a mention, a button
// that opens a form, the form, and a file. Must use nothing but what Slack documents.

const { App } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.command('/triage', async ({ ack, command, respond }) => {
  await ack();
  await respond(`looking for ${command.text}`);
});

app.event('app_mention', async ({ event, say }) => {
  await say({
    text: 'a card',
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `for <@${event.user}>` } },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'report', text: { type: 'plain_text', text: 'Report' } },
        ],
      },
    ],
  });
});

app.action('report', async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal',
      callback_id: 'report',
      private_metadata: JSON.stringify({ channel: body.channel.id, ts: body.message.ts }),
      title: { type: 'plain_text', text: 'Report' },
      submit: { type: 'plain_text', text: 'Send' },
      blocks: [
        {
          type: 'input',
          block_id: 'what',
          label: { type: 'plain_text', text: 'What happened' },
          element: { type: 'plain_text_input', action_id: 'what' },
        },
      ],
    },
  });
});

app.view('report', async ({ ack, view, client }) => {
  await ack();
  const { channel, ts } = JSON.parse(view.private_metadata);
  const what = view.state.values.what.what.value;
  await client.chat.postMessage({ channel, thread_ts: ts, text: `reported: ${what}` });
  await client.filesUploadV2({
    channel_id: channel,
    thread_ts: ts,
    filename: 'trace.txt',
    content: 'SIP/2.0 503',
  });
});

app.start();
