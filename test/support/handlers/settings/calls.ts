import type { CallHandlers } from '../../../../shared/events/handlers.ts';

/** Logs the settings that a test gives to handlers, and those of Ringward that it must not give. */
export const calls = {
  incoming: (_event, { log }) => log(`the app has ${seen()}`),
  events: {},
} satisfies CallHandlers;

const seen = () =>
  ['PARTNER_URL', 'PARTNER_KEY', 'FROM_BOTH', 'VONAGE_PROJECTS', 'SECRET_MINE', 'AzureWebJobsStorage']
    .map((name) => `${name}=${process.env[name]}`)
    .join(' ');
