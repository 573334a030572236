// The settings that an operator may give, under the names of docs/settings.md. An empty one counts as absent, so what
// is not given keeps the default of the app. What the deployment itself knows (the vault, the identity, the ledger's
// address) is set where it is known.

@export()
@description('Settings of Ringward, each by its own name; an empty one keeps its default. docs/settings.md says what each does.')
type Tuning = {
  @description('The issuer of Call Automation tokens.')
  ACS_ISSUER: string
  @description('Where that issuer says where its keys are.')
  ACS_OPENID_CONFIGURATION_URL: string
  @description('The name of the vault secret with a connection string; without it the app signs in as itself.')
  ACS_CONNECTION_STRING_SECRET: string
  @description('The client id or App ID URI of an app registration of your own for Event Grid, instead of one made here.')
  EVENT_GRID_AUDIENCE: string
  @description('The application id of Event Grid; differs in national clouds.')
  EVENT_GRID_SENDER_APP_ID: string
  @description('The Entra authority; differs in national clouds.')
  EVENT_GRID_AUTHORITY: string
  @description('Vonage projects, separated by commas: apiKey or apiKey:applicationId.')
  VONAGE_PROJECTS: string
  @description('How old a Vonage callback may be, in seconds.')
  VONAGE_MAX_AGE_SECONDS: string
  @description('The public address of the app, where it is not the one that the platform gives it.')
  CALLBACK_BASE_URL: string
  @description('How long a callback key opens the door, in seconds.')
  CALLBACK_KEY_TTL_SECONDS: string
  @description('How long a callback token lives, in seconds.')
  CALLBACK_TOKEN_LIFE_SECONDS: string
  @description('off, report or enforce: requests from outside the published ranges, as the app itself sees them.')
  SOURCE_ADDRESSES: string
  @description('Further ranges for that check, in CIDR form, separated by commas.')
  SOURCE_ADDRESS_RANGES: string
  @description('How many proxies of yours append to X-Forwarded-For.')
  TRUSTED_PROXY_HOPS: string
  @description('proceed or refuse: deliveries while the ledger is out.')
  LEDGER_OUTAGE: string
  @description('How long an event stays claimed after its instance crashed, in seconds.')
  LEDGER_LEASE_SECONDS: string
  @description('report or enforce: a token without jti that comes again with another body.')
  TOKEN_REUSE: string
  @description('report or enforce: an event of another call than its callback URI is bound to.')
  CALL_BINDING: string
  @description('How far the clocks of senders may differ from ours, in seconds.')
  CLOCK_TOLERANCE_SECONDS: string
  @description('How long the last known keys and secrets serve while they cannot be fetched, in seconds.')
  KEY_SET_MAX_STALE_SECONDS: string
  @description('How long a request may take from arrival to answer, in seconds.')
  HANDLER_TIMEOUT_SECONDS: string
}
