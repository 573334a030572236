// Microsoft's sample for C#, "How to secure webhook endpoints and websocket connections" (November 2026):
// https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
// Follows it: the configuration is fetched once, at the start; JwtBearer checks the audience that is set, and the issuer and the
// keys of that configuration. Differs: the settings come from the environment, there is no Swagger and no HTTPS redirection, and
// the issuer of the tests speaks http, which a document retriever has to allow.
using Azure.Messaging;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

var builder = WebApplication.CreateBuilder(args);

var configurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
    builder.Configuration["OPENID_CONFIGURATION_URL"]!,
    new OpenIdConnectConfigurationRetriever(),
    new HttpDocumentRetriever { RequireHttps = false });
var configuration = await configurationManager.GetConfigurationAsync();

builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
{
    options.Configuration = configuration;
    options.TokenValidationParameters = new TokenValidationParameters
    {
        ValidAudience = builder.Configuration["AUDIENCE"],
    };
});
builder.Services.AddAuthorization();

var app = builder.Build();

app.MapPost("/api/callback", (CloudEvent[] events) => Results.Ok()).RequireAuthorization();

app.UseAuthentication();
app.UseAuthorization();

app.Run($"http://127.0.0.1:{builder.Configuration["PORT"]}");
