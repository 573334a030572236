/**
 * Deployments that are evaluated as a whole: the variables that an operator gives to azd, beside the name of the
 * environment and the region.
 */
export const sets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'new resource': {},
  'own resource and topic': {
    COMMUNICATION_ID:
      '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/calls/providers/Microsoft.Communication/communicationServices/ours',
    EXISTING_SYSTEM_TOPIC_ID:
      '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/calls/providers/Microsoft.EventGrid/systemTopics/ours',
    AI_SERVICES_ID:
      '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/speech/providers/Microsoft.CognitiveServices/accounts/ours',
    VONAGE_PROJECTS: '12345678',
    ALERT_EMAIL: 'operator@example.com',
  },
  'shared key alone': { ENTRA_DELIVERY: 'false' },
  'restricted addresses': {
    ACCESS_RESTRICTIONS: 'enforce',
    SOURCE_ADDRESSES: 'enforce',
    VAULT_ALLOWED_NETWORKS:
      '["203.0.113.0/24","/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/ours/subnets/app"]',
  },
  'small and cold': {
    INSTANCE_MEMORY_MB: '512',
    ALWAYS_READY_INSTANCES: '0',
    STORAGE_SKU: 'Standard_LRS',
    DAILY_LOG_CAP_GB: '0',
  },
  'US Government': {
    EVENT_GRID_SENDER_APP_ID: '54316b56-3481-47f9-8f30-0300f5542a7b',
    EVENT_GRID_AUTHORITY: 'https://login.microsoftonline.us',
  },
  'Vonage alone': {
    CALL_AUTOMATION: 'false',
    INCOMING_CALLS: 'false',
    MEDIA_HOST: 'false',
    VONAGE_PROJECTS: '12345678:2f8e0f0c-9a0b-4a5e-8f57-0c4f6a1d7b11',
  },
  'LiveKit alone': {
    CALL_AUTOMATION: 'false',
    INCOMING_CALLS: 'false',
    MEDIA_HOST: 'false',
    LIVEKIT_KEYS: 'APIabcdEFGH1234',
  },
  'Event Grid alone': { CALL_AUTOMATION: 'false', MEDIA_HOST: 'false' },
  'settings of handlers': {
    HANDLER_SETTINGS: '{"PARTNER_URL":"https://partner.example"}',
    HANDLER_SECRETS: '{"PARTNER_KEY":"Partner-Key"}',
  },
  'no media host': { MEDIA_HOST: 'false', CALL_BINDING: 'enforce', TOKEN_REUSE: 'enforce' },
};

type ParametersFile = { readonly parameters: Readonly<Record<string, { readonly value: unknown }>> };
type Declared = Readonly<Record<string, { readonly type?: string }>>;

/**
 * The values of a file of parameters as azd takes them from variables: `${NAME}` or `${NAME=default}`, where empty counts
 * as absent. A parameter without a value keeps its default.
 */
export function valuesFor(
  { parameters }: ParametersFile,
  declared: Declared,
  variables: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const resolve = (text: string) =>
    text.replaceAll(
      /\$\{(\w+)(?:=([^}]*))?\}/g,
      (_, name: string, standard = '') => variables[name] || standard,
    );
  const values = Object.entries(parameters).map(([name, { value }]) => {
    if (typeof value !== 'string') return [name, JSON.parse(resolve(JSON.stringify(value))) as unknown];
    const text = resolve(value);
    const isText = (declared[name]?.type ?? 'string') === 'string';
    return [name, text === '' ? undefined : isText ? text : (JSON.parse(text) as unknown)];
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The same values as a file of parameters of Bicep, which the CLI evaluates. */
export function bicepparam(template: string, values: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(values).map(([name, value]) => `param ${name} = ${literal(value)}`);
  return [`using ${literal(template)}`, ...lines, ''].join('\n');
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll(/\\|'|\$(?=\{)/g, String.raw`\$&`)}'`;
  if (Array.isArray(value)) return `[\n${value.map(literal).join('\n')}\n]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${literal(name)}: ${literal(member)}`);
  return `{\n${members.join('\n')}\n}`;
}
