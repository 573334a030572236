// Generated from the table of settings by `npm test -- -u`. An operator may give these settings. An empty one is not set,
// so that its default applies. The templates set the others: modules/app.bicep and media.bicep.

@export()
@sealed()
@description('The settings of the app that an operator may give.')
type AppSettings = {
  @description('The public address of this app, with which callback URIs begin. Without it: `https://$WEBSITE_HOSTNAME`')
  CALLBACK_BASE_URL: string
  @description('Requests from outside the sender\'s published address ranges: `off` (not checked), `report` (logged) or `enforce` (refused with 403)')
  SOURCE_ADDRESSES: string
  @description('Further ranges to accept, in CIDR form, separated by commas')
  SOURCE_ADDRESS_RANGES: string
  @description('How many proxies of yours append to X-Forwarded-For: 1 is the front end of App Service alone')
  TRUSTED_PROXY_HOPS: string
  @description('Deliveries while the table is not available: `proceed` (handled at least once, by what each instance knows itself) or `refuse` (503: the sender retries)')
  LEDGER_OUTAGE: string
  @description('How long an event stays leased after its instance crashed, in seconds')
  LEDGER_LEASE_SECONDS: string
  @description('What deliveries leave in the log: `all` (a short entry each), `exceptions` (an entry only where one was refused, failed, was slow or reported something; metrics count the rest) or `full` (each with its times and the names and ages of its token, for `npm run doctor -- --observe`; refusals are not summed, so set it for a while only)')
  DELIVERY_LOG: string
  @description('How far the sender\'s clock may differ from ours, in seconds')
  CLOCK_TOLERANCE_SECONDS: string
  @description('How long the last known keys of an issuer, and secrets of the vault, serve while they cannot be fetched, in seconds')
  KEY_SET_MAX_STALE_SECONDS: string
  @description('How long the checks and the handlers of a request may take together once its body is read, in seconds; the body itself may take five more. A sender that acts on the response has a shorter limit of its own')
  HANDLER_TIMEOUT_SECONDS: string
  @description('The name of the secret with the connection string of that resource; without it the app signs in as itself')
  ACS_CONNECTION_STRING_SECRET: string
  @description('How long a callback key is valid, in seconds: longer than your longest call')
  CALLBACK_KEY_TTL_SECONDS: string
  @description('The issuer of the tokens. The default is that of the public cloud; those of other clouds are documented nowhere')
  ACS_ISSUER: string
  @description('The URL of the issuer\'s OpenID configuration. The default is that of the public cloud; those of other clouds are documented nowhere')
  ACS_OPENID_CONFIGURATION_URL: string
  @description('How long a callback token lives, in seconds, as documented by Microsoft')
  CALLBACK_TOKEN_LIFE_SECONDS: string
  @description('A token that is used again, with another body or for another media socket: `report` (logged) or `enforce` (refused with 401)')
  TOKEN_REUSE: string
  @description('An event of another call than the one that its callback URI belongs to: `report` (logged) or `enforce` (refused with 401)')
  CALL_BINDING: string
  @description('Client id or App ID URI of the app registration that stands for this endpoint, or several')
  EVENT_GRID_AUDIENCE: string
  @description('Event Grid\'s own application. Without it: that of the cloud that EVENT_GRID_AUTHORITY names, `4962773b-9cdb-44cf-a8bf-237846a00ab7` (public) or `54316b56-3481-47f9-8f30-0300f5542a7b` (US Government). That of China is documented nowhere and must be set')
  EVENT_GRID_SENDER_APP_ID: string
  @description('The Entra authority of the cloud: `https://login.microsoftonline.com`, `https://login.microsoftonline.us` (US Government) or `https://login.partner.microsoftonline.cn` (China)')
  EVENT_GRID_AUTHORITY: string
  @description('An Entra token of Event Grid without the app role `AzureEventGridSecureWebhookSubscriber`: `report` (logged) or `enforce` (refused with 401)')
  EVENT_GRID_ROLE: string
  @description('Your Vonage projects, separated by commas: `apiKey`, or `apiKey:applicationId` to hold the application as well. Enables the Vonage routes')
  VONAGE_PROJECTS: string
  @description('How old a Vonage callback may be, in seconds: retries last a day')
  VONAGE_MAX_AGE_SECONDS: string
  @description('Your Vonage accounts for Voice and Messages, separated by commas: `apiKey`, or `apiKey:applicationId` to accept that application alone. Enables the routes of both')
  VONAGE_ACCOUNTS: string
  @description('The API keys with which your LiveKit projects sign webhooks, separated by commas. Enables the LiveKit route')
  LIVEKIT_KEYS: string
  @description('Your account SIDs, separated by commas. Enables the Twilio routes')
  TWILIO_ACCOUNTS: string
  @description('How a shared key of Twilio signs: `HMAC_SHA256` or `HMAC_SHA1`')
  TWILIO_SHARED_KEY_ALGORITHM: string
}

@export()
@sealed()
@description('The settings of the media host that an operator may give.')
type MediaSettings = {
  @description('How many media sockets one instance holds; more are answered 503')
  MEDIA_MAX_SOCKETS: string
  @description('How many connections to the media host may be unverified; one more closes the oldest that has sent no request')
  MEDIA_MAX_UNPROVED: string
  @description('How long a connection to the media host may take to send its request, in seconds')
  MEDIA_HEADER_SECONDS: string
  @description('The largest frame that a media socket takes, in bytes; a larger one closes it with 1009')
  MEDIA_MAX_FRAME_BYTES: string
  @description('How many frames a second are read from a media socket; the sender waits with the rest')
  MEDIA_MAX_FRAMES_PER_SECOND: string
  @description('How many bytes may wait for the handler of a media socket; the sender waits with the rest')
  MEDIA_MAX_QUEUED_BYTES: string
  @description('How long a media socket may be silent before it is pinged, in seconds; it is closed after the same time again')
  MEDIA_HEARTBEAT_SECONDS: string
  @description('How long a media socket stays open without a frame, or with a handler that reads none, in seconds: longer than a silence in a transcription')
  MEDIA_IDLE_SECONDS: string
  @description('How long open media sockets may continue when the host stops, in seconds')
  MEDIA_STOP_GRACE_SECONDS: string
  @description('Requests from outside the sender\'s published address ranges: `off` (not checked), `report` (logged) or `enforce` (refused with 403)')
  SOURCE_ADDRESSES: string
  @description('Further ranges to accept, in CIDR form, separated by commas')
  SOURCE_ADDRESS_RANGES: string
  @description('How many proxies of yours append to X-Forwarded-For: 1 is the front end of App Service alone')
  TRUSTED_PROXY_HOPS: string
  @description('How long an event stays leased after its instance crashed, in seconds')
  LEDGER_LEASE_SECONDS: string
  @description('What deliveries leave in the log: `all` (a short entry each), `exceptions` (an entry only where one was refused, failed, was slow or reported something; metrics count the rest) or `full` (each with its times and the names and ages of its token, for `npm run doctor -- --observe`; refusals are not summed, so set it for a while only)')
  DELIVERY_LOG: string
  @description('How far the sender\'s clock may differ from ours, in seconds')
  CLOCK_TOLERANCE_SECONDS: string
  @description('How long the last known keys of an issuer, and secrets of the vault, serve while they cannot be fetched, in seconds')
  KEY_SET_MAX_STALE_SECONDS: string
  @description('How long the checks and the handlers of a request may take together once its body is read, in seconds; the body itself may take five more. A sender that acts on the response has a shorter limit of its own')
  HANDLER_TIMEOUT_SECONDS: string
  @description('How long a callback key is valid, in seconds: longer than your longest call')
  CALLBACK_KEY_TTL_SECONDS: string
  @description('The issuer of the tokens. The default is that of the public cloud; those of other clouds are documented nowhere')
  ACS_ISSUER: string
  @description('The URL of the issuer\'s OpenID configuration. The default is that of the public cloud; those of other clouds are documented nowhere')
  ACS_OPENID_CONFIGURATION_URL: string
  @description('How long a token on a media socket lives, in seconds, as documented by Microsoft')
  MEDIA_TOKEN_LIFE_SECONDS: string
  @description('A token that is used again, with another body or for another media socket: `report` (logged) or `enforce` (refused with 401)')
  TOKEN_REUSE: string
  @description('An event of another call than the one that its callback URI belongs to: `report` (logged) or `enforce` (refused with 401)')
  CALL_BINDING: string
}

@export()
@description('Whether a setting that the operator gave enables a sender.')
func enablesSender(tuning AppSettings) bool =>
  !empty(tuning.VONAGE_PROJECTS) || !empty(tuning.VONAGE_ACCOUNTS) || !empty(tuning.LIVEKIT_KEYS) || !empty(tuning.TWILIO_ACCOUNTS)

@export()
@description('Whether a name belongs to Ringward or to Azure, so that no setting of a handler can have it.')
func isTaken(name string) bool =>
  contains(
    [
      'azure_functions_environment'
      'callback_base_url'
      'website_hostname'
      'key_vault_url'
      'azure_client_id'
      'identity_endpoint'
      'port'
      'media_max_sockets'
      'media_max_unproved'
      'media_header_seconds'
      'media_max_frame_bytes'
      'media_max_frames_per_second'
      'media_max_queued_bytes'
      'media_heartbeat_seconds'
      'media_idle_seconds'
      'media_stop_grace_seconds'
      'source_addresses'
      'source_address_ranges'
      'trusted_proxy_hops'
      'ledger'
      'ledger_table_url'
      'ledger_outage'
      'ledger_lease_seconds'
      'delivery_log'
      'clock_tolerance_seconds'
      'key_set_max_stale_seconds'
      'handler_timeout_seconds'
      'acs_resource_id'
      'acs_endpoint'
      'acs_connection_string_secret'
      'callback_key_secret'
      'callback_key_ttl_seconds'
      'media_url'
      'acs_issuer'
      'acs_openid_configuration_url'
      'callback_token_life_seconds'
      'media_token_life_seconds'
      'token_reuse'
      'call_binding'
      'event_grid_key_secret'
      'event_grid_tenant_id'
      'event_grid_audience'
      'event_grid_sender_app_id'
      'event_grid_authority'
      'event_grid_role'
      'event_grid_subscriptions'
      'event_grid_topics'
      'vonage_projects'
      'vonage_max_age_seconds'
      'vonage_accounts'
      'livekit_keys'
      'twilio_accounts'
      'twilio_shared_key_algorithm'
    ],
    toLower(replace(trim(name), '.', '_'))
  ) || !empty(filter(
    [
      'applicationinsights_'
      'appsetting_'
      'azure_functions_'
      'azurefunctionsjobhost'
      'azurewebjobs'
      'connectionstrings'
      'container_app_'
      'customconnstr_'
      'functions_'
      'identity_'
      'languageworkers'
      'msi_'
      'mysqlconnstr_'
      'postgresqlconnstr_'
      'secret_'
      'sqlazureconnstr_'
      'sqlconnstr_'
      'website_'
    ],
    prefix => startsWith(toLower(replace(trim(name), '.', '_')), prefix)
  ))
