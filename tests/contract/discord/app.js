// A small app made with discord.js, as the fake's contract: a command that is deferred, edited and followed up, a button
// that opens a form, the form, and a message that is written and read. Must use nothing but what Discord documents.
// Says "ready" on its output once it hears, and ends with what it could not do.

const { Client, Events, GatewayIntentBits, MessageFlags } = require('discord.js');

const client = new Client({
  intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages],
  allowedMentions: { parse: [] },
  // Not its own quarter of a minute: the machine may be busy.
  rest: { api: `${process.env.DISCORD_API_URL}/api`, timeout: 120_000 },
});

const button = { type: 2, style: 1, custom_id: 'report', label: 'Report' };
const form = {
  custom_id: 'report',
  title: 'Report',
  components: [
    { type: 10, content: 'It is sent to nobody.' },
    { type: 18, label: 'What happened', component: { type: 4, custom_id: 'what', style: 1, required: true } },
    {
      type: 18,
      label: 'How bad it is',
      component: {
        type: 3,
        custom_id: 'level',
        required: true,
        options: ['P3', 'P4'].map((level) => ({ label: level, value: level, default: level === 'P4' })),
      },
    },
  ],
};

async function command(interaction) {
  await interaction.deferReply();
  await interaction.editReply({
    content: `looking for ${interaction.options.getString('call')}`,
    components: [{ type: 1, components: [button] }],
    files: [{ attachment: Buffer.from('SIP/2.0 503'), name: 'trace.txt' }],
  });
  await interaction.followUp({ content: 'only for you', flags: MessageFlags.Ephemeral });
}

async function submitted(interaction) {
  const { fields } = interaction;
  const [level] = fields.getStringSelectValues('level');
  await interaction.reply({ content: `reported: ${fields.getTextInputValue('what')}, ${level}` });
  // Written, found among what was written last, and changed.
  const channel = await client.channels.fetch(interaction.channelId);
  const written = await channel.send({ content: 'written' });
  const read = (await channel.messages.fetch({ limit: 5 })).get(written.id);
  await read.edit({ content: `read: ${read.content}` });
}

client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand()) await command(interaction);
  if (interaction.isButton()) await interaction.showModal(form);
  if (interaction.isModalSubmit()) await submitted(interaction);
});

client.on(Events.MessageCreate, async (message) => {
  if (message.mentions.has(client.user.id)) {
    await message.reply({ content: `in ${message.channel.name}: ${message.author.username}` });
  }
});

client.on(Events.Error, (error) => {
  throw error;
});

client.once(Events.ClientReady, () => console.log('ready'));

client.login(process.env.DISCORD_TOKEN);
